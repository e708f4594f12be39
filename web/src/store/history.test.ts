import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TYPES } from "../../test/catalogue";
import type { GraphDocument, Json, JsonObject } from "../api/types";
import { copyText, parseClip, paste } from "./clipboard";
import * as commands from "./commands";
import { textOf } from "./editor";
import { type GraphNode, type GraphView, viewGraph } from "./graph";
import { edit, type History, redo, startHistory, undo } from "./history";
import { applyAll, type Patch } from "./patch";

const document: GraphDocument = {
  version: 1,
  nodes: [
    { id: "gen", type: "SineGenerator", metadata: { note: "x", position: [0, 0] } },
    {
      id: "amp",
      type: "Gain",
      config: { gain: 2.5, channels: ["mic"], frequency: 1 },
      on_error: "skip",
      metadata: {},
    },
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

interface Dice {
  a: number;
  b: number;
  x: number;
  value: Json;
  key: string;
}
interface Scene {
  now: GraphDocument;
  view: GraphView;
  node: GraphNode;
  other: GraphNode;
}
type Kind = (scene: Scene, dice: Dice) => readonly Patch[];

/** What a user can do, each kind as likely as the others. */
const KINDS: Kind[] = [
  ({ now, view }, { a, b, x }) => {
    const type = ["SineGenerator", "Gain", "Mix"][a % 3] ?? "Gain";
    return commands.addNodes(now, [
      commands.newNode(commands.idForType(commands.idsOf(view), type), type, [x, b]),
    ]);
  },
  ({ now, node, other }) => commands.addConnections(now, [{ from: node.key, to: other.key }]),
  ({ node }, { key, value }) => commands.setParameter(node, key, value, ["gain", "channels"]),
  ({ node }, { key }) => commands.setParameter(node, key, undefined),
  ({ node, other }, { x, b }) =>
    commands.moveNodes([
      { node, at: [x, b] },
      ...(other === node ? [] : [{ node: other, at: [b, x] as const }]),
    ]),
  ({ view, node }) => commands.removeItems(view, new Set([node.key]), new Set()),
  ({ view }, { a }) =>
    commands.removeItems(view, new Set(), new Set([view.edges[a % view.edges.length]?.key ?? ""])),
  ({ now, view, node }, { b }) => commands.renameNode(now, view, node, `${node.id}_${b}`),
  ({ view }, { a, b }) => {
    const edge = view.edges[a % view.edges.length];
    return edge ? commands.setEdgeKey(edge.raw, edge.index, "policy", b % 2 ? "latest" : undefined) : [];
  },
  ({ node }, { b }) => commands.setNodeKey(node, "on_error", b % 2 ? "skip" : undefined),
  ({ now, view, node, other }, { b, x }) => {
    const clip = parseClip(copyText(view, new Set([node.key, other.key]), new Map()));
    return clip ? paste(now, view, clip, TYPES, b % 2 ? [x, b] : null).patches : [];
  },
  (_scene, { value }) => [{ op: "set", path: ["metadata"], value }],
];

const anEdit: fc.Arbitrary<Edit> = fc
  .record({
    what: fc.nat(KINDS.length - 1),
    a: fc.nat(1000),
    b: fc.nat(1000),
    x: fc.integer({ min: -4000, max: 4000 }),
    value: fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
    key: fc.constantFrom("gain", "frequency", "channels", "__proto__", "1", "a/b", "~"),
  })
  .map(({ what, ...dice }) => (history) => {
    const now = history.document as GraphDocument;
    const view = viewGraph(now, TYPES);
    const node = view.nodes[dice.a % Math.max(1, view.nodes.length)];
    const other = view.nodes[dice.b % Math.max(1, view.nodes.length)];
    if (!node || !other) return commands.addNodes(now, [commands.newNode("first", "Gain", null)]);
    return KINDS[what]?.({ now, view, node, other }, dice) ?? [];
  });

describe("history", () => {
  it("U11: undo all is the start, redo all the end, to the byte", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anEdit, fc.boolean()), { minLength: 200, maxLength: 200 }), (edits) => {
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
      { numRuns: 60 },
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
    expect((now.nodes as JsonObject[])[1]).toMatchObject({
      id: "amp",
      config: { gain: 3, channels: ["mic"], frequency: 1 },
    });
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
