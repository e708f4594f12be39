import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boundsText, checkValue } from "./check";
import { kindOf, labelOf } from "./kinds";
import { numberText, parseNumber, step } from "./number";

describe("numbers as they are typed", () => {
  it("takes prefixes, the field's unit, decimal commas and minus signs of print", () => {
    const cases: [string, number | null][] = [
      ["440", 440],
      ["48k", 48000],
      ["2.5 kHz", 2500],
      ["1,5", 1.5],
      ["20u", 20e-6],
      ["20 µ", 20e-6],
      ["1.1k", 1100],
      ["1e3k", 1e6],
      ["\u22123", -3],
      [".5", 0.5],
      ["5.", 5],
      ["1e-3", 1e-3],
      ["", null],
      ["k", null],
      ["4 4", null],
      ["1,000.5", null],
      ["1e999", null],
      ["NaN", null],
      ["0x10", null],
      ["3 V", null],
    ];
    for (const [text, value] of cases) expect([text, parseNumber(text, "Hz")]).toEqual([text, value]);
  });

  it("gives back every number that it writes", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parseNumber(numberText(value))).toBe(value === 0 ? Number(numberText(value)) : value);
      }),
    );
  });

  it("steps in the second digit", () => {
    const plain = { integer: false, big: false };
    expect(step(440, 1, plain)).toBe(450);
    expect(step(100, -1, plain)).toBe(99);
    expect(step(0.02, 1, plain)).toBe(0.021);
    expect(step(-100, 1, plain)).toBe(-99);
    expect(step(0, 1, plain)).toBe(0.1);
    expect(step(440, 1, { integer: false, big: true })).toBe(500);
    expect(step(3, 1, { integer: true, big: false })).toBe(4);
    expect(step(1024, -1, { integer: true, big: false })).toBe(900);
  });

  it("comes back by stepping down after stepping up", () => {
    const value = fc
      .integer({ min: 10, max: 98 })
      .chain((n) => fc.integer({ min: -6, max: 6 }).map((e) => Number(`${n}e${e}`)));
    fc.assert(
      fc.property(value, (from) => {
        const plain = { integer: false, big: false };
        expect(step(step(from, 1, plain), -1, plain)).toBeCloseTo(from, 12);
      }),
    );
  });
});

describe("widgets", () => {
  it("are chosen by the schema", () => {
    const nullable = (schema: object) => ({ anyOf: [schema, { type: "null" }], default: null });
    expect(kindOf("gain", { type: "number", minimum: 0 })).toEqual({
      kind: "number",
      integer: false,
      nullable: false,
      bounds: { minimum: 0 },
    });
    expect(kindOf("size", nullable({ type: "integer", exclusiveMinimum: 1 }))).toEqual({
      kind: "number",
      integer: true,
      nullable: true,
      bounds: { exclusiveMinimum: 1 },
    });
    expect(kindOf("path", { type: "string", "x-path": "input" }).kind).toBe("path");
    expect(kindOf("unit", { type: "string" }).kind).toBe("unit");
    expect(kindOf("on", { type: "boolean" }).kind).toBe("switch");
    expect(kindOf("on", { type: ["boolean", "null"] }).kind).toBe("choice");
    expect(
      kindOf("upper", nullable({ type: "array", items: { type: "array", items: { type: "number" } } })).kind,
    ).toBe("pairs");
    expect(
      kindOf("rename", nullable({ type: "object", additionalProperties: { type: "string" } })).kind,
    ).toBe("map");
    expect(kindOf("odd", { anyOf: [{ type: "string" }, { type: "number" }] })).toEqual({
      kind: "json",
      nullable: false,
    });
    expect(kindOf("odd", {}).kind).toBe("json");
  });

  it("have names to read", () => {
    expect([labelOf("sample_rate"), labelOf("gain_db"), labelOf("rms")]).toEqual([
      "Sample rate",
      "Gain dB",
      "RMS",
    ]);
  });

  it("say what is wrong", () => {
    expect(checkValue("n", { type: "integer", minimum: 1 }, 1.5)).toBe("must be a whole number");
    expect(checkValue("n", { type: "integer", minimum: 1 }, 0)).toBe("must be at least 1");
    expect(checkValue("n", { type: "number", exclusiveMinimum: 0 }, 0)).toBe("must be above 0");
    expect(checkValue("n", { type: "number" }, null)).toBe("needs a value");
    expect(checkValue("c", { type: "string", enum: ["a", "b"] }, "c")).toBe("must be one of a, b");
    expect(checkValue("l", { type: "array", items: { type: "string" }, minItems: 1 }, [])).toBe(
      "needs at least one",
    );
    expect(checkValue("l", { type: "array", items: { type: "number", minimum: 0 } }, [1, -1])).toBe(
      "-1 must be at least 0",
    );
    expect(checkValue("x", {}, { anything: 1 })).toBeNull();
  });

  it("give bounds in words where they say something", () => {
    expect(boundsText({ minimum: 0, maximum: 100 }, "%")).toBe("0 to 100 %");
    expect(boundsText({ exclusiveMinimum: 0, maximum: 1e9 }, "Hz")).toBe("above 0 Hz");
    expect(boundsText({ minimum: -1e9, maximum: 1e9 }, "")).toBe("");
  });
});
