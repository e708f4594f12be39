/** A few node types as the catalogue has them, for tests of the stores. All real types are in forms/catalogue.test.tsx. */
import type { NodeType, Schema } from "../src/api/types";
import type { Types } from "../src/store/graph";

function type(
  name: string,
  inputs: string[],
  outputs: string[],
  properties: Record<string, Schema>,
  more: Partial<NodeType> = {},
): NodeType {
  return {
    type: name,
    category: "other",
    summary: `${name}.`,
    doc: `${name}.`,
    kind: "sample-wise",
    source: false,
    trigger: false,
    blocking: false,
    inputs: inputs.map((port) => ({ name: port })),
    outputs: outputs.map((port) => ({ name: port })),
    parameters: { type: "object", properties },
    ...more,
  };
}

export const LIST: NodeType[] = [
  type(
    "SineGenerator",
    ["in"],
    ["out"],
    {
      sample_rate: { type: "number", default: 48000, exclusiveMinimum: 0, maximum: 1e9, "x-unit": "Hz" },
      frequency: { type: "number", default: 440, minimum: 0, maximum: 5e8, "x-unit": "Hz", "x-live": true },
      amplitude: { type: "number", default: 1, minimum: 0, maximum: 1e12, "x-unit": "unit", "x-live": true },
    },
    { trigger: true, category: "generators" },
  ),
  type("Gain", ["in"], ["out"], {
    gain: { type: "number", default: 1, minimum: -1e9, maximum: 1e9, "x-unit": "1", "x-live": true },
    channels: { anyOf: [{ type: "array", items: { type: "string" } }, { type: "null" }], default: null },
  }),
  type("Mix", ["a", "b"], ["out"], {}),
  type("Split", ["in"], ["a", "b"], {}),
  type("Print", ["in"], [], { label: { type: "string", default: "" } }),
];

export const TYPES: Types = new Map(LIST.map((one) => [one.type, one]));
