import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Cell, COLUMNS, moved, overlap, resized, rows, settle, vacancy } from "./grid";

const cell = fc.record({
  x: fc.integer({ min: -3, max: 15 }),
  y: fc.integer({ min: -2, max: 20 }),
  w: fc.integer({ min: 0, max: 16 }),
  h: fc.integer({ min: 0, max: 9 }),
});
const cells = fc
  .array(cell, { minLength: 1, maxLength: 10 })
  .map((list) => list.map((one, index): Cell => ({ ...one, id: `p${index}` })));

function sound(list: readonly Cell[]): void {
  for (const [index, one] of list.entries()) {
    expect(one.x).toBeGreaterThanOrEqual(0);
    expect(one.x + one.w).toBeLessThanOrEqual(COLUMNS);
    expect(one.y).toBeGreaterThanOrEqual(0);
    for (const other of list.slice(index + 1)) expect(overlap(one, other)).toBe(false);
    // Nothing hangs in the air: the row above is taken somewhere, or there is none.
    const up = { ...one, y: one.y - 1 };
    expect(one.y === 0 || list.some((other) => other.id !== one.id && overlap(up, other))).toBe(true);
  }
}

describe("grid", () => {
  it("never lays one panel over another, within its columns, packed upwards", () => {
    fc.assert(
      fc.property(cells, (list) => {
        const settled = settle(list);
        sound(settled);
        expect(settled.map((one) => one.id)).toEqual(list.map((one) => one.id));
        expect(settle(settled)).toEqual(settled);
      }),
    );
  });

  it("stays so after any moves and changes of size", () => {
    const step = fc.tuple(
      fc.boolean(),
      fc.nat(9),
      fc.integer({ min: -2, max: 14 }),
      fc.integer({ min: -2, max: 14 }),
    );
    fc.assert(
      fc.property(cells, fc.array(step, { maxLength: 12 }), (list, steps) => {
        let now = settle(list);
        for (const [move, which, a, b] of steps) {
          const id = `p${which % list.length}`;
          const before = now.find((one) => one.id === id);
          now = move ? moved(now, id, a, b) : resized(now, id, a, b);
          sound(now);
          if (move) expect(now.find((one) => one.id === id)).toMatchObject({ w: before?.w, h: before?.h });
        }
      }),
    );
  });

  it("gives way to the panel that was moved", () => {
    const two: Cell[] = [
      { id: "a", x: 0, y: 0, w: 6, h: 4 },
      { id: "b", x: 6, y: 0, w: 6, h: 4 },
    ];
    expect(moved(two, "b", 0, 0)).toEqual([
      { id: "a", x: 0, y: 4, w: 6, h: 4 },
      { id: "b", x: 0, y: 0, w: 6, h: 4 },
    ]);
    expect(resized(two, "a", 20, 3)[0]).toEqual({ id: "a", x: 0, y: 0, w: 12, h: 3 });
    expect(vacancy(two, 6, 4)).toEqual({ x: 0, y: 4 });
    expect(vacancy([two[0] as Cell], 6, 4)).toEqual({ x: 6, y: 0 });
    expect(rows(two)).toBe(4);
  });
});
