import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBundle } from "./decode";
import { readDescription } from "./describe";
import { bundle, bytes, described, type Piece } from "./testing";

const STRIP = {
  stream: 12,
  generation: 1,
  kind: "strip",
  pipeline: "p1",
  output: "gen.out",
  options: { window: 2.0, columns: 1200, channels: null },
  axis: "time",
  rate: [48000, 1],
  origin: 1764000000.0,
  channels: [
    { name: "mic", unit: "Pa", quantity: "sound pressure", reference: "20 uPa", range: null },
    { name: "acc", unit: "g", quantity: null, reference: null, range: [-50, 50] },
  ],
  samples_per_column: [80, 1],
  columns: 1200,
};

const strip: Piece = {
  kind: "strip",
  flags: 1,
  channels: 2,
  stream: 12,
  generation: 1,
  sequence: 7,
  first: 2 ** 40 + 3,
  columns: 3,
  time: 12.5,
  emitted: 1764000000.25,
  lost: 4000000000,
  payload: bytes(
    new Float32Array([-1, 1, -2, 2, Number.NaN, Number.NaN, 0, 0, -0.5, 0.25, 3, 4]),
    new Uint8Array([0, 5, 2]),
  ),
};

describe("decodeBundle", () => {
  it("reads a description and the columns behind it, without a copy", () => {
    const buffer = bundle(9, [described(STRIP, { stream: 12, generation: 1 }), strip], 1764000001.5);
    const { bundle: number, sent, frames, faults } = decodeBundle(buffer);
    expect(faults).toEqual([]);
    expect([number, sent]).toEqual([9, 1764000001.5]);
    const [first, second] = frames;
    if (first?.kind !== "description" || second?.kind !== "strip") throw new Error("kinds");
    expect(first.description).toMatchObject({
      rate: 48000,
      samplesPerColumn: 80,
      columns: 1200,
      axis: "time",
      channels: [
        { name: "mic", unit: "Pa", reference: "20 uPa", range: null },
        { name: "acc", unit: "g", quantity: "", range: [-50, 50] },
      ],
    });
    expect(second).toMatchObject({
      flags: 1,
      stream: 12,
      generation: 1,
      sequence: 7,
      first: 2 ** 40 + 3,
      time: 12.5,
      emitted: 1764000000.25,
      lost: 4000000000,
    });
    expect([...second.marks]).toEqual([0, 5, 2]);
    expect(second.values[10]).toBe(3);
    expect(second.values.buffer).toBe(buffer);
  });

  it("reads every kind", () => {
    const value = new Float32Array([1, 2, 3, 4, 5, 6]);
    const pieces: Piece[] = [
      { ...strip, kind: "scope", trigger: 2 },
      { kind: "spectrum", channels: 2, columns: 3, payload: bytes(value, new Float32Array([440, 5, 50, 6])) },
      {
        kind: "spectrum",
        flags: 8,
        channels: 1,
        columns: 3,
        payload: bytes(value, new Float32Array([440, 5])),
      },
      { kind: "waterfall", rows: 2, columns: 5, payload: new Uint8Array([0, 1, 2, 3, 4, 255, 6, 7, 8, 9]) },
      { kind: "levels", channels: 1, columns: 4, payload: bytes(new Float32Array([0.5, 1, 2, 3])) },
      { kind: "scalar", channels: 1, columns: 4, payload: bytes(new Float64Array([1e-300, 2, 3, 4])) },
    ];
    const { frames, faults } = decodeBundle(bundle(0, pieces));
    expect(faults).toEqual([]);
    const [scope, spectrum, held, waterfall, levels, scalar] = frames;
    if (scope?.kind !== "scope" || spectrum?.kind !== "spectrum" || held?.kind !== "spectrum")
      throw new Error("kinds");
    if (waterfall?.kind !== "waterfall" || levels?.kind !== "levels" || scalar?.kind !== "scalar")
      throw new Error("kinds");
    expect(scope.trigger).toBe(2);
    expect([[...spectrum.values], spectrum.hold, [...spectrum.peaks]]).toEqual([
      [1, 2, 3, 4, 5, 6],
      null,
      [440, 5, 50, 6],
    ]);
    expect([[...held.values], [...(held.hold ?? [])], [...held.peaks]]).toEqual([
      [1, 2, 3],
      [4, 5, 6],
      [440, 5],
    ]);
    expect([...waterfall.cells]).toEqual([0, 1, 2, 3, 4, 255, 6, 7, 8, 9]);
    expect([...levels.values]).toEqual([0.5, 1, 2, 3]);
    expect(scalar.values[0]).toBe(1e-300);
  });

  it("reads the empty frame that ends a stream, whatever its kind", () => {
    const kinds = ["strip", "scope", "spectrum", "waterfall", "levels", "scalar"] as const;
    const ends = kinds.map(
      (kind): Piece => ({ kind, flags: 4 | 8, channels: 3, payload: new Uint8Array(0) }),
    );
    const { frames, faults } = decodeBundle(bundle(0, ends));
    expect(faults).toEqual([]);
    expect(frames.map((frame) => frame.kind)).toEqual(kinds);
  });

  it("goes on behind a frame that is wrong in itself and stops where it cannot know the next", () => {
    const short = { ...strip, columns: 4 };
    const unknown = { kind: "strip" as const, payload: new Uint8Array(8) };
    const buffer = bundle(1, [short, strip]);
    expect(decodeBundle(buffer).frames).toHaveLength(1);
    expect(decodeBundle(buffer).faults).toHaveLength(1);
    const coded = bundle(1, [unknown, strip]);
    new DataView(coded).setUint8(24 + 4, 99);
    expect(decodeBundle(coded)).toMatchObject({
      faults: ["frame of unknown kind 99"],
      frames: [{ first: 2 ** 40 + 3 }],
    });
    const cut = bundle(3, [strip, strip]).slice(0, -8);
    expect(decodeBundle(cut)).toMatchObject({ bundle: 3, faults: ["frame 1 of 2 is cut off or is none"] });
    expect(decodeBundle(new ArrayBuffer(3))).toMatchObject({ bundle: null, faults: ["not a bundle"] });
  });

  it("never throws, and whatever is not a bundle is a fault", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        const result = decodeBundle(noise.slice().buffer);
        expect(result.faults.length).toBeGreaterThan(0); // 4 bytes of magic do not come by chance
        expect(result.frames).toEqual([]);
      }),
    );
  });

  it("never throws on a good bundle with some bytes changed, and keeps within the message", () => {
    const good = new Uint8Array(
      bundle(2, [
        described(STRIP, { stream: 12, generation: 1 }),
        strip,
        { kind: "waterfall", rows: 2, columns: 5, payload: new Uint8Array(10) },
        { kind: "spectrum", flags: 8, channels: 1, columns: 3, payload: bytes(new Float32Array(8)) },
        { kind: "levels", channels: 1, columns: 4, payload: bytes(new Float32Array(4)) },
      ]),
    );
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), fc.nat(good.length), (changes, cut) => {
        const bad = good.slice();
        for (const [at, value] of changes) bad[at] = value;
        const whole = decodeBundle(bad.buffer);
        for (const frame of whole.frames) {
          if (frame.kind === "strip" || frame.kind === "scope")
            expect(frame.marks.length).toBe(frame.columns);
        }
        const short = decodeBundle(bad.slice(0, cut).buffer);
        if (cut < good.length) expect(short.faults.length).toBeGreaterThan(0);
        for (const result of [whole, short]) {
          if (result.frames.length < 5) expect(result.faults.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("readDescription", () => {
  it("takes rates as rationals and refuses what a drawing could not rely on", () => {
    expect(readDescription(JSON.stringify({ ...STRIP, rate: [625003, 125] }))?.rate).toBe(5000.024);
    for (const broken of [
      "{",
      "null",
      "[]",
      JSON.stringify({ ...STRIP, kind: "oscilloscope" }),
      JSON.stringify({ ...STRIP, channels: [{ unit: "V" }] }),
      JSON.stringify({ ...STRIP, channels: "mic" }),
      JSON.stringify({ ...STRIP, columns: -1 }),
      JSON.stringify({ ...STRIP, x: [1, 2, 2] }),
      JSON.stringify({ ...STRIP, x: [1, null] }),
    ])
      expect(readDescription(broken)).toBeNull();
  });

  it("takes any JSON without throwing", () => {
    fc.assert(fc.property(fc.json(), (json) => void readDescription(json)));
    const field = fc.constantFrom(...Object.keys(STRIP), "x", "row_seconds");
    fc.assert(
      fc.property(field, fc.jsonValue(), (key, value) => {
        const result = readDescription(JSON.stringify({ ...STRIP, [key]: value }));
        if (result) expect(result.samplesPerColumn).toBeGreaterThan(0);
      }),
    );
  });
});
