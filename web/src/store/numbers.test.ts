import fc from "fast-check";
import { expect, it } from "vitest";
import { lossyNumbers } from "./numbers";

it("names whole numbers that would not come back as they were, and nothing in a text", () => {
  const text =
    '{"a": 9007199254740993, "b": "9007199254740993 \\" 9007199254740993", "c": [-12345678901234567890, 440.0, 1e300]}';
  expect(lossyNumbers(text)).toEqual(["9007199254740993", "-12345678901234567890"]);
});

it("says exactly of the numbers that change that they do", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (value) => {
      const changes = BigInt(JSON.parse(String(value)) as number) !== value;
      expect(lossyNumbers(`[${value}]`).length > 0).toBe(changes);
    }),
  );
});
