import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDescription } from "../data/describe";
import { type DataFrame, FLAG, MARK } from "../data/frames";
import { ColumnRing } from "./column-ring";
import { History } from "./history";
import { feed, modelFor, ScalarModel, StripModel, WaterfallModel } from "./models";
import { RowRing } from "./rows";
import { Spans } from "./spans";

/** Columns of one channel from pairs. */
const pairs = (...list: [number, number][]) => new Float32Array(list.flat());
const quiet = (count: number) => new Uint8Array(count);

describe("ColumnRing", () => {
  it("keeps the newest columns at their places in time", () => {
    const ring = new ColumnRing(4, 1);
    ring.append(10, pairs([1, 2], [3, 4], [5, 6]), quiet(3));
    ring.append(13, pairs([7, 8], [9, 10]), quiet(2));
    expect([ring.begin, ring.end]).toEqual([11, 15]);
    expect(ring.extent([0])).toEqual([3, 10]);
    expect(ring.extent([0], 12, 13)).toEqual([5, 6]);
    expect(ring.values[2 * ring.slot(14)]).toBe(9);
  });

  it("holds what is missing as lost columns, and replaces a last, partial one", () => {
    const ring = new ColumnRing(8, 1);
    ring.append(0, pairs([1, 1]), quiet(1));
    expect(ring.append(3, pairs([2, 2]), quiet(1))).toBe(2);
    expect([1, 2].map((column) => ring.marks[column])).toEqual([MARK.lost, MARK.lost]);
    expect(Number.isNaN(ring.values[2])).toBe(true);
    ring.append(3, pairs([5, 6]), quiet(1));
    expect([ring.end, ring.values[6], ring.values[7]]).toEqual([4, 5, 6]);
    expect(ring.append(1000, pairs([0, 0]), quiet(1))).toBe(996);
    expect([ring.begin, ring.end]).toEqual([993, 1001]);
  });

  it("agrees with a plain list of what came, however it was cut", () => {
    const chunk = fc.record({
      skip: fc.nat(3),
      values: fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 7 }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(chunk, { maxLength: 12 }), (capacity, chunks) => {
        const ring = new ColumnRing(capacity, 2);
        const plain = new Map<number, number>();
        let next = 5;
        for (const { skip, values } of chunks) {
          if (values.length === 0) continue;
          next += plain.size > 0 ? skip : 0;
          const wide = new Float32Array(values.flatMap((value) => [0, 0, value, value + 1]));
          ring.append(next, wide, quiet(values.length));
          for (const value of values) plain.set(next++, value);
        }
        expect(ring.count).toBe(Math.min(capacity, plain.size > 0 ? next - 5 : 0));
        for (let column = ring.begin; column < ring.end; column++) {
          const found = ring.values[ring.slot(column) * 4 + 2];
          expect(found).toBe(plain.get(column) ?? Number.NaN);
        }
      }),
    );
  });

  it("a clone stands still", () => {
    const ring = new ColumnRing(4, 1);
    ring.append(0, pairs([1, 2]), quiet(1));
    const copy = ring.clone();
    ring.append(1, pairs([8, 9]), quiet(1));
    expect(copy.extent([0])).toEqual([1, 2]);
  });
});

describe("Spans", () => {
  it("never lose the spike of one column, at any width and zoom", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 600 }),
        fc.integer({ min: 1, max: 900 }),
        fc.nat(1e9),
        fc.nat(),
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        (columns, width, first, where, left) => {
          const ring = new ColumnRing(columns, 1);
          const values = new Float32Array(2 * columns).fill(0.01);
          const spike = where % columns;
          values[2 * spike + 1] = 77;
          ring.append(first, values, quiet(columns));
          const from = first + Math.floor(left * spike);
          const spans = new Spans(width + 2);
          const scale = width / (first + columns - from);
          spans.read(ring, 0, from, ring.end, scale, from * scale);
          expect(spans.count).toBeLessThanOrEqual(width + 1);
          const at = [...spans.high.subarray(0, spans.count)].indexOf(77);
          expect(at).toBeGreaterThanOrEqual(0);
          const place = (first + spike - from) * scale;
          expect(Math.abs((spans.pixels[at] as number) - Math.floor(place))).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it("are not joined across a lost column, a NaN or a mark", () => {
    const ring = new ColumnRing(8, 1);
    const marks = quiet(6);
    marks[4] = MARK.lost;
    ring.append(0, pairs([0, 1], [0, 1], [Number.NaN, Number.NaN], [0, 1], [0, 1], [0, 1]), marks);
    ring.append(7, pairs([0, 1]), quiet(1));
    const spans = new Spans(10);
    spans.read(ring, 0, 0, 8, 1);
    expect([...spans.pixels.subarray(0, spans.count)]).toEqual([0, 1, 3, 4, 5, 7]);
    expect([...spans.joined.subarray(0, spans.count)]).toEqual([0, 1, 0, 0, 1, 0]);
  });
});

describe("RowRing and History", () => {
  it("rows keep their numbers, and those in between are empty", () => {
    const ring = new RowRing(4, 2);
    ring.append(7, new Uint8Array([1, 2, 3, 4]));
    ring.append(10, new Uint8Array([5, 6]));
    expect([ring.begin, ring.end]).toEqual([7, 11]);
    expect([7, 8, 9, 10].map((row) => [...ring.row(row)])).toEqual([
      [1, 2],
      [3, 4],
      [0, 0],
      [5, 6],
    ]);
    ring.append(5, new Uint8Array([9, 9])); // the stream began anew
    expect([ring.begin, ring.end]).toEqual([5, 6]);
  });

  it("a history finds its times", () => {
    const history = new History(3, 1);
    for (let time = 0; time < 5; time++)
      history.push(time, new Float64Array([time, time - 1, time + 1, time]), false);
    expect([history.begin, history.end]).toEqual([2, 5]);
    expect([1, 2, 3.5, 9].map((time) => history.since(time))).toEqual([2, 2, 4, 5]);
    history.push(1, new Float64Array(4), false);
    expect(history.end - history.begin).toBe(1);
  });
});

describe("models", () => {
  const described = (more: Record<string, unknown>) => {
    const found = readDescription(
      JSON.stringify({ kind: "strip", channels: [{ name: "a" }], rate: [1000, 1], columns: 4, ...more }),
    );
    if (!found) throw new Error("no description");
    return found;
  };
  const frame = (kind: DataFrame["kind"], more: object): DataFrame =>
    ({
      kind,
      flags: 0,
      channels: 1,
      first: 0,
      columns: 1,
      rows: 0,
      time: 0,
      sequence: 0,
      ...more,
    }) as DataFrame;

  it("time is the number of the sample over the rate, whatever the clock says", () => {
    const model = new StripModel(described({ samples_per_column: [3, 2] }));
    const values = new Float32Array([0, 1]);
    feed(model, frame("strip", { first: 999, columns: 1, values, marks: quiet(1), time: 77 }));
    expect(model.time).toBeCloseTo((1000 * 1.5) / 1000, 12);
    const fall = new WaterfallModel(described({ kind: "waterfall", x: [1, 2], row_seconds: [1, 20] }));
    feed(fall, frame("waterfall", { first: 40, rows: 2, columns: 2, cells: quiet(4), time: 2.1 }));
    expect([fall.origin, fall.time]).toEqual([0, 2.1]);
  });

  it("count gaps, but not the one of a beginning", () => {
    const model = new StripModel(described({}));
    const values = new Float32Array([0, 1]);
    const strip = (first: number, flags: number) =>
      feed(model, frame("strip", { first, flags, values, marks: quiet(1) }));
    strip(5, FLAG.gap | FLAG.reset);
    expect([model.gaps, model.ring.begin]).toEqual([0, 5]);
    strip(9, FLAG.gap);
    strip(2, FLAG.reset);
    expect([model.gaps, model.ring.begin, model.ring.end, model.ended]).toEqual([1, 2, 3, false]);
    strip(3, FLAG.eos);
    expect(model.ended).toBe(true);
  });

  it("keep what was drawn when a stream ends with an empty frame", () => {
    const model = new ScalarModel(described({ kind: "scalar" }));
    feed(model, frame("scalar", { columns: 4, values: new Float64Array([5, 4, 6, 5]), time: 3 }));
    feed(model, frame("scalar", { columns: 0, flags: FLAG.eos, values: new Float64Array(0), time: 0 }));
    expect([model.time, model.values[0], model.history.end, model.ended]).toEqual([3, 5, 1, true]);
  });

  it("are made by kind, and leave frames of another alone", () => {
    for (const kind of ["strip", "scope", "spectrum", "waterfall", "levels", "scalar"]) {
      const model = modelFor(described({ kind, x: [1, 2, 3] }));
      expect(model.kind).toBe(kind);
      const other = kind === "scalar" ? "levels" : "scalar";
      expect(feed(model, frame(other, { values: new Float64Array(4) }))).toBe(false);
    }
    const model = new ScalarModel(described({ kind: "scalar" }));
    feed(model, frame("scalar", { columns: 4, values: new Float64Array([5, 4, 6, 5]), time: 3 }));
    expect([...model.history.values.subarray(0, 3)]).toEqual([5, 4, 6]);
  });
});
