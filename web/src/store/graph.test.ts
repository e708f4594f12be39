import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TYPES } from "../../test/catalogue";
import type { GraphDocument, Json } from "../api/types";
import { copyText, parseClip, paste } from "./clipboard";
import {
  addConnections,
  idForType,
  moveNodes,
  placeFor,
  removeItems,
  renameNode,
  setParameter,
} from "./commands";
import { textOf } from "./editor";
import { downstream, endText, portsOf, viewGraph } from "./graph";
import { applyAll, fromPointer, pointer } from "./patch";
import { pendingChanges } from "./pending";

const graph: GraphDocument = {
  nodes: [
    { id: "gen", type: "SineGenerator" },
    { id: "rack.1", type: "Split" },
    { id: "sum", type: "Mix" },
    { id: "lost", type: "Vanished" },
    { id: "gen", type: "Gain" },
    "no object",
  ],
  connections: [
    { from: "gen", to: "rack.1" },
    { from: "rack.1.a", to: "sum.a" },
    { from: "rack.1.b", to: "sum.b" },
    { from: "sum", to: "lost.left" },
    { from: "ghost", to: "sum.a" },
    7,
  ],
};
const view = viewGraph(graph, TYPES);
const patched = (document: GraphDocument, patches: Parameters<typeof applyAll>[1]) =>
  applyAll(document as Json, patches)[0] as GraphDocument;

describe("the view of a document", () => {
  it("keeps what is odd: twice the same id, no object, a type that is not installed", () => {
    expect(view.nodes.map((node) => node.key)).toEqual(["gen", "rack.1", "sum", "lost", "gen#4", "#5"]);
    expect(view.loose).toEqual([4, 5]);
  });

  it("finds ports, also with dots in a node's name", () => {
    expect(view.edges.map((edge) => edge.key)).toEqual([
      "gen.out->rack.1.in",
      "rack.1.a->sum.a",
      "rack.1.b->sum.b",
      "sum.out->lost.left",
    ]);
    expect(portsOf(view, TYPES).get("lost")).toEqual({ inputs: ["left"], outputs: [] });
    expect(endText({ node: "rack.1", port: "a" }, "outputs", view.byKey, TYPES)).toBe("rack.1.a");
    expect(endText({ node: "gen", port: "out" }, "outputs", view.byKey, TYPES)).toBe("gen");
  });

  it("draws nodes anew only where they changed", () => {
    const node = view.byKey.get("sum");
    const moved = node ? patched(graph, moveNodes([{ node, at: [10.4, 20.6] }])) : graph;
    const next = viewGraph(moved, TYPES);
    expect(next.byKey.get("sum")?.position).toEqual([10, 21]);
    expect(next.byKey.get("gen")).toBe(view.byKey.get("gen"));
    expect(next.byKey.get("rack.1")).toBe(view.byKey.get("rack.1"));
  });

  it("follows the stream downstream", () => {
    expect([...downstream(view, "rack.1")].toSorted()).toEqual(["lost", "rack.1", "sum"]);
  });
});

describe("commands", () => {
  it("names nodes after their type", () => {
    expect(idForType(new Set(), "SineGenerator")).toBe("sine_generator");
    expect(idForType(new Set(["gain", "gain_2"]), "Gain")).toBe("gain_3");
    expect(idForType(new Set(), "RemoveDc")).toBe("remove_dc");
    expect(idForType(new Set(), "FFTNode")).toBe("fft_node");
  });

  it("removes nodes with their edges, from the end", () => {
    const left = patched(graph, removeItems(view, new Set(["sum", "gen#4"]), new Set()));
    expect(left.nodes).toEqual([graph.nodes, []].flat().filter((_, n) => n !== 2 && n !== 4));
    expect(left.connections).toEqual([{ from: "gen", to: "rack.1" }, { from: "ghost", to: "sum.a" }, 7]);
  });

  it("puts a new parameter where the schema has it", () => {
    expect(placeFor({ a: 1, c: 1 }, "b", ["a", "b", "c"])).toBe(1);
    expect(placeFor({ a: 1, x: 1 }, "b", ["a", "b", "c"])).toBe(2);
    const node = view.byKey.get("gen");
    const patches = node ? setParameter(node, "frequency", 1000) : [];
    expect((patched(graph, patches).nodes as Json[])[0]).toEqual({
      id: "gen",
      type: "SineGenerator",
      config: { frequency: 1000 },
    });
  });

  it("renames a node with all that names it", () => {
    const document: GraphDocument = {
      metadata: { page: { panels: [{ output: "amp.out", title: "amp" }, { output: "amplifier" }] } },
      nodes: [
        { id: "amp", type: "Gain" },
        { id: "amplifier", type: "Print" },
      ],
      connections: [{ from: "amp", to: "amplifier" }],
    };
    const before = viewGraph(document, TYPES);
    const node = before.byKey.get("amp");
    const next = node ? patched(document, renameNode(document, before, node, "pre")) : document;
    expect(next).toEqual({
      metadata: { page: { panels: [{ output: "pre.out", title: "amp" }, { output: "amplifier" }] } },
      nodes: [
        { id: "pre", type: "Gain" },
        { id: "amplifier", type: "Print" },
      ],
      connections: [{ from: "pre", to: "amplifier" }],
    });
  });

  it("makes the lists that a document does not have", () => {
    expect(patched({}, addConnections({}, [{ from: "a", to: "b" }]))).toEqual({
      connections: [{ from: "a", to: "b" }],
    });
  });
});

describe("copy and paste", () => {
  it("keeps inner edges and ports, under free names", () => {
    const text = copyText(view, new Set(["rack.1", "sum"]), new Map([["rack.1", [100, 50]]]));
    const clip = parseClip(text);
    const { patches, ids } = clip ? paste(graph, view, clip, TYPES, [0, 0]) : { patches: [], ids: [] };
    expect(ids).toEqual(["rack.1_2", "sum_2"]);
    const added = patched(graph, patches);
    expect((added.connections as Json[]).slice(6)).toEqual([
      { from: "rack.1_2.a", to: "sum_2.a" },
      { from: "rack.1_2.b", to: "sum_2.b" },
    ]);
    expect((added.nodes as Json[])[6]).toEqual({
      id: "rack.1_2",
      type: "Split",
      metadata: { position: [0, 0] },
    });
  });

  it("takes nothing that is no graph", () => {
    for (const text of ["", "hello", "{", "[]", '{"nodes": []}', '{"nodes": 3}', "null"])
      expect(parseClip(text)).toBeNull();
  });
});

describe("what is not in the running graph", () => {
  const run = (now: GraphDocument, then: GraphDocument) =>
    pendingChanges(
      { document: now, view: viewGraph(now, TYPES) },
      { document: then, view: viewGraph(then, TYPES) },
      TYPES,
    );
  const base: GraphDocument = {
    nodes: [
      { id: "gen", type: "SineGenerator", config: { frequency: 440 } },
      { id: "amp", type: "Gain" },
    ],
    connections: [{ from: "gen", to: "amp" }],
  };

  it("tells live parameters from others, a default from nothing", () => {
    const now: GraphDocument = {
      ...base,
      nodes: [
        { id: "gen", type: "SineGenerator", config: { frequency: 880, sample_rate: 48000 } },
        { id: "amp", type: "Gain", config: { gain: 1, channels: ["a"] } },
      ],
    };
    expect(run(now, base)).toEqual({
      nodes: new Set(["amp"]),
      rest: false,
      live: { gen: { frequency: 880 } },
    });
  });

  it("goes back to the default where a live parameter was taken out", () => {
    const now: GraphDocument = {
      ...base,
      nodes: [
        { id: "gen", type: "SineGenerator" },
        { id: "amp", type: "Gain" },
      ],
    };
    const then: GraphDocument = {
      ...base,
      nodes: [
        { id: "gen", type: "SineGenerator", config: { frequency: 9 } },
        { id: "amp", type: "Gain" },
      ],
    };
    expect(run(now, then).live).toEqual({ gen: { frequency: 440 } });
  });

  it("does not count places, order and ways of writing", () => {
    const now: GraphDocument = {
      name: "renamed",
      connections: [{ to: "amp.in", from: "gen.out" }],
      nodes: [
        { id: "amp", type: "Gain", config: {}, metadata: { position: [1, 2] } },
        { config: { frequency: 440 }, type: "SineGenerator", id: "gen" },
      ],
    };
    expect(run(now, base)).toEqual({ nodes: new Set(), rest: false, live: {} });
  });

  it("counts what is new, rewired, removed or set for the whole graph", () => {
    const more: GraphDocument = {
      ...base,
      nodes: [...(base.nodes as Json[]), { id: "show", type: "Print" }],
      connections: [
        { from: "gen", to: "amp", policy: "latest" },
        { from: "amp", to: "show" },
      ],
    };
    expect(run(more, base)).toEqual({ nodes: new Set(["amp", "show"]), rest: false, live: {} });
    expect(run(base, more).rest).toBe(true);
    expect(run({ ...base, pipeline_config: { fuse: false } }, base).rest).toBe(true);
  });
});

describe("pointers", () => {
  it("go both ways", () => {
    const step = fc.oneof(
      fc.nat(),
      fc.string().filter((text) => !/^(0|[1-9]\d*)$/.test(text)),
    );
    fc.assert(
      fc.property(fc.array(step), (path) => {
        expect(fromPointer(pointer(path))).toEqual(path);
      }),
    );
  });

  it("U12: what is read and written again is the same text", () => {
    const text = textOf(graph);
    expect(textOf(JSON.parse(text) as Json)).toBe(text);
  });
});
