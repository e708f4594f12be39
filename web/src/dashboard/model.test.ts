import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GraphDocument } from "../api/types";
import { addPanel, readDashboard, suggested, writeDashboard } from "./model";

const DOCUMENT: GraphDocument = {
  version: 1,
  metadata: { about: "hum", page: { zoom: 2 } },
  nodes: [{ id: "gen", type: "SineGenerator" }],
  connections: [
    { from: "gen", to: "amp" },
    { from: "gen.out", to: "bands" },
    { from: "split.left", to: "show" },
  ],
};

describe("dashboard in a document", () => {
  it("is written beside what is there, and read back", () => {
    expect(readDashboard(DOCUMENT)).toBeNull();
    const panels = addPanel(addPanel([], "gen.out", "strip"), "split.left", "auto");
    const [first, second] = panels;
    if (!first || !second) throw new Error("panels");
    const changed = [
      { ...first, options: { ...first.options, window: 5 } },
      { ...second, title: "left ear" },
    ];
    const written = writeDashboard(DOCUMENT, changed);
    expect(Object.keys(written)).toEqual(Object.keys(DOCUMENT));
    expect(written.metadata).toEqual({
      about: "hum",
      page: {
        zoom: 2,
        dashboard: {
          panels: [
            { id: "panel-1", edge: "gen.out", kind: "strip", x: 0, y: 0, w: 6, h: 5, options: { window: 5 } },
            { id: "panel-2", edge: "split.left", kind: "auto", title: "left ear", x: 6, y: 0, w: 6, h: 5 },
          ],
        },
      },
    });
    expect(readDashboard(JSON.parse(JSON.stringify(written)))).toEqual(changed);
    expect(DOCUMENT.metadata).toEqual({ about: "hum", page: { zoom: 2 } });
  });

  it("is read from anything without throwing, and never lays panels over each other", () => {
    const panel = fc.record(
      {
        id: fc.constantFrom("a", "b", ""),
        edge: fc.oneof(fc.constant("gen.out"), fc.jsonValue()),
        kind: fc.oneof(fc.constant("strip"), fc.jsonValue()),
        x: fc.oneof(fc.integer(), fc.jsonValue()),
        w: fc.oneof(fc.integer(), fc.jsonValue()),
        options: fc.oneof(
          fc.record({ window: fc.jsonValue(), y: fc.jsonValue(), hold: fc.jsonValue() }),
          fc.jsonValue(),
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.array(panel, { maxLength: 8 }), fc.jsonValue()), (panels) => {
        const found = readDashboard({ metadata: { page: { dashboard: { panels } } } } as GraphDocument);
        if (!found) return;
        expect(new Set(found.map((one) => one.id)).size).toBe(found.length);
        for (const one of found) expect(one.options.window === null || one.options.window > 0).toBe(true);
      }),
    );
  });

  it("is suggested from the outputs: what is measured, and the waveform that it is measured from", () => {
    const document: GraphDocument = {
      nodes: [
        { id: "level", type: "Level" },
        { id: "limit", type: "Limit" },
      ],
      connections: [
        { from: "clock", to: "gen" },
        { from: "gen", to: "amp" },
        { from: "amp", to: "bands" },
        { from: "amp", to: "level" },
        { from: "bands", to: "show" },
        { from: "level", to: "limit" },
      ],
    };
    const channel = { name: "a", unit: "Pa", quantity: null, reference: null, range: null };
    const info = (axis: string, rate: number, channels = [channel]) => ({
      axis,
      rate,
      rate_exact: null,
      channels,
      points: null,
    });
    const infos = {
      "clock.out": info("time", 50, []),
      "gen.out": info("time", 48000),
      "amp.out": info("time", 48000),
      "bands.out": info("band", 8),
      "level.out": info("time", 8),
    };
    const found = (known: typeof infos | Record<string, never>) =>
      suggested(document, known).map(({ edge, kind }) => [edge, kind]);
    expect(found(infos)).toEqual([
      ["amp.out", "auto"],
      ["bands.out", "auto"],
      ["level.out", "auto"],
      ["level.out", "verdict"],
    ]);
    // Nothing is known of the streams: the last of them, as it comes, and its spectrum.
    expect(found({})).toEqual([
      ["level.out", "auto"],
      ["level.out", "spectrum"],
      ["level.out", "verdict"],
    ]);
  });
});
