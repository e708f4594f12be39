/** The line under a node's name: what it is set to, as an engineer would say it. */
import type { Json, NodeType, Schema } from "../api/types";
import type { GraphNode } from "../store/graph";
import { digits, quantity } from "../ui/format";

/** The unit of channels is not known from the schema alone. */
const unitOf = (schema: Schema | undefined): string => {
  const unit = schema?.["x-unit"] ?? "";
  return unit.includes("unit") ? "" : unit;
};

export function valueText(value: Json | undefined, schema: Schema | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") {
    const unit = unitOf(schema);
    return unit ? quantity(value, unit) : digits(value, 6);
  }
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value === "string") return value.split("/").at(-1) ?? value;
  if (Array.isArray(value)) {
    if (value.every((one) => typeof one === "string" || typeof one === "number"))
      return value.length <= 2 ? value.join(", ") : `${value.length} values`;
    return `${value.length} rows`;
  }
  return "…";
}

/** Of no interest from afar. */
const QUIET = new Set(["frame_size"]);
/** Names under which a bare number says enough with its unit. */
const SELF_EXPLAINING = new Set(["Hz", "s", "dB", "V", "Pa"]);

function part(name: string, value: Json | undefined, schema: Schema | undefined): string {
  const text = valueText(value, schema);
  if (!text) return "";
  if (typeof value === "number" && SELF_EXPLAINING.has(schema?.["x-unit"] ?? "")) return text;
  if (typeof value === "string") return text;
  const words = name.replaceAll("_", " ");
  const unit = schema?.["x-unit"] ?? "";
  return `${words} ${words.endsWith(unit) && unit ? text.replace(` ${unit}`, "") : text}`;
}

/** What is set, live parameters first, at most three; nothing set: the first default, in brackets of `own: false`. */
export function summary(node: GraphNode, type: NodeType | undefined): { text: string; own: boolean } {
  const properties = type?.parameters.properties ?? {};
  const rank = (name: string) => (properties[name]?.["x-live"] ? 0 : 1);
  const names = Object.keys(node.config)
    .filter((name) => !QUIET.has(name))
    .toSorted((a, b) => rank(a) - rank(b));
  const own = names.map((name) => part(name, node.config[name], properties[name])).filter(Boolean);
  if (own.length > 0) return { text: own.slice(0, 3).join(" · "), own: true };
  const defaults = Object.entries(properties)
    .filter(([name]) => !QUIET.has(name))
    .toSorted(([a], [b]) => rank(a) - rank(b))
    .map(([name, schema]) => (typeof schema.default === "number" ? part(name, schema.default, schema) : ""))
    .filter(Boolean);
  return { text: defaults.slice(0, 2).join(" · "), own: false };
}
