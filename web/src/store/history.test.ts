import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TYPES } from "../../test/catalogue";
import type { GraphDocument, Json, JsonObject } from "../api/types";
import { copyText, parseClip, paste } from "./clipboard";
import * as commands from "./commands";
import { textOf } from "./editor";
import { viewGraph } from "./graph";
import { edit, type History, redo, startHistory, undo } from "./history";
import { applyAll, type Patch } from "./patch";

const document: GraphDocument = {
  version: 1,
  nodes: [
    { id: "gen", type: "SineGenerator", metadata: { note: "x", position: [0, 0] } },
    { id: "amp", type: "Gain", config: { gain: 2.5 } },
    { id: "odd", type: "NotInstalled", config: { "1": 1, a: [1, { b: null }] }, extra: { kept: true } },
    { id: "show", type: "Print" },
  ],
  connections: [
    { from: "gen", to: "amp" },
    { from: "amp", to: "show", policy: "latest" },
    { from: "nowhere", to: "show" },
  ],
  unknown: { z: 1, a: 2 },
};

type Edit = (history: History) => readonly Patch[];

/** One edit that a user can make, chosen by numbers: it looks at the document that it meets. */
const anEdit: fc.Arbitrary<Edit> = fc
  .record({
    what: fc.integer({ min: 0, max: 9 }),
    a: fc.nat(1000),
    b: fc.nat(1000),
    x: fc.integer({ min: -4000, max: 4000 }),
    value: fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
    key: fc.constantFrom("gain", "frequency", "channels", "__proto__", "1", "a/b", "~"),
  })
  .map(({ what, a, b, x, value, key }) => (history) => {
    const now = history.document as GraphDocument;
    const view = viewGraph(now, TYPES);
    const node = view.nodes[a % Math.max(1, view.nodes.length)];
    const other = view.nodes[b % Math.max(1, view.nodes.length)];
    const edge = view.edges[a % Math.max(1, view.edges.length)];
    const id = commands.idForType(commands.idsOf(view), ["SineGenerator", "Gain", "Mix"][a % 3] ?? "Gain");
    if (what === 0 || !node || !other) return commands.addNodes(now, [commands.newNode(id, "Gain", [x, b])]);
    if (what === 1) return commands.addConnections(now, [{ from: node.key, to: other.key }]);
    if (what === 2) return commands.setParameter(node, key, value, ["gain", "channels"]);
    if (what === 3) return commands.setParameter(node, key, undefined);
    if (what === 4)
      return commands.moveNodes([
        { node, at: [x, b] },
        ...(other === node ? [] : [{ node: other, at: [b, x] as const }]),
      ]);
    if (what === 5) return commands.removeItems(view, new Set([node.key]), new Set(edge ? [edge.key] : []));
    if (what === 6) return commands.renameNode(now, view, node, `${node.id}_${b}`);
    if (what === 7)
      return edge ? commands.setEdgeKey(edge.raw, edge.index, "policy", b % 2 ? "latest" : undefined) : [];
    if (what === 8) return commands.setNodeKey(node, "on_error", b % 2 ? "skip" : undefined);
    const clip = parseClip(copyText(view, new Set([node.key, other.key]), new Map()));
    return clip ? paste(now, view, clip, TYPES, b % 2 ? [x, b] : null).patches : [];
  });

describe("history", () => {
  it("U11: undo all is the start, redo all the end, to the byte", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anEdit, fc.boolean()), { minLength: 1, maxLength: 200 }), (edits) => {
        const start = textOf(document);
        let history = startHistory(document as Json);
        let steps = 0;
        for (const [make, merge] of edits)
          history = edit(
            history,
            "edit",
            make(history),
            merge ? { merge: "same", time: steps++ } : { time: steps++ },
          );
        const end = textOf(history.document);
        const depth = history.past.length;
        while (history.past.length > 0) history = undo(history);
        expect(textOf(history.document)).toBe(start);
        expect(history.future.length).toBe(depth);
        while (history.future.length > 0) history = redo(history);
        expect(textOf(history.document)).toBe(end);
      }),
      { numRuns: 200 },
    );
  });

  it("walks to and fro with edits in between and never leaves a document behind", () => {
    const step = fc.oneof(anEdit, fc.constantFrom("undo" as const, "redo" as const));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let history = startHistory(document as Json);
        const texts = [textOf(history.document)];
        for (const one of steps) {
          if (one === "undo") history = undo(history);
          else if (one === "redo") history = redo(history);
          else {
            const patches = one(history);
            if (patches.length > 0) texts.length = history.past.length + 1;
            history = edit(history, "edit", patches);
          }
          texts[history.past.length] ??= textOf(history.document);
          expect(textOf(history.document)).toBe(texts[history.past.length]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("applies all patches of an edit or none", () => {
    const bad: Patch[] = [
      { op: "set", path: ["version"], value: 2 },
      { op: "remove", path: ["nodes", 17] },
    ];
    const history = startHistory(document as Json);
    expect(() => edit(history, "bad", bad)).toThrow("/nodes/17: beyond the end of the list");
    expect(textOf(history.document)).toBe(textOf(document));
  });

  it("shares what a patch does not touch, and writes to nothing", () => {
    const frozen = deepFreeze(structuredClone(document)) as Json;
    const [after] = applyAll(frozen, [{ op: "set", path: ["nodes", 1, "config", "gain"], value: 3 }]);
    const [old, now] = [frozen as JsonObject, after as JsonObject];
    expect((now.nodes as Json[])[0]).toBe((old.nodes as Json[])[0]);
    expect(now.connections).toBe(old.connections);
    expect((now.nodes as JsonObject[])[1]).toEqual({ id: "amp", type: "Gain", config: { gain: 3 } });
  });

  it("makes one step of a number that is typed, and a new one after a pause or an undo", () => {
    const typing = (history: History, value: number, time: number) =>
      edit(history, "Gain", [{ op: "set", path: ["nodes", 1, "config", "gain"], value }], {
        merge: "gain",
        time,
      });
    let history = startHistory(document as Json);
    for (const [n, value] of [4, 44, 440].entries()) history = typing(history, value, n * 200);
    expect(history.past.length).toBe(1);
    history = typing(history, 441, 10_000);
    expect(history.past.length).toBe(2);
    history = typing(undo(history), 442, 10_100);
    expect(history.past.length).toBe(2);
    expect(textOf(undo(undo(history)).document)).toBe(textOf(document));
  });
});

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const one of Object.values(value)) deepFreeze(one);
    Object.freeze(value);
  }
  return value;
}
