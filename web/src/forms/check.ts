/** What can be said of a value at once; the server's check, which knows everything, follows. */
import type { Json, Schema } from "../api/types";
import { type Bounds, type Kind, kindOf } from "./kinds";

export function checkBounds(value: number, bounds: Bounds): string | null {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = bounds;
  if (minimum !== undefined && value < minimum) return `must be at least ${minimum}`;
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum) return `must be above ${exclusiveMinimum}`;
  if (maximum !== undefined && value > maximum) return `must be at most ${maximum}`;
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum) return `must be below ${exclusiveMaximum}`;
  return null;
}

/** Bounds in words, for the line under the field: `0 to 5e8 Hz`. Bounds that only keep nonsense out are not worth a word. */
export function boundsText(bounds: Bounds, unit: string): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = bounds;
  const low =
    minimum !== undefined
      ? `at least ${minimum}`
      : exclusiveMinimum !== undefined
        ? `above ${exclusiveMinimum}`
        : "";
  const high =
    maximum !== undefined
      ? `at most ${maximum}`
      : exclusiveMaximum !== undefined
        ? `below ${exclusiveMaximum}`
        : "";
  const suffix = unit ? ` ${unit}` : "";
  const wide = (maximum ?? exclusiveMaximum ?? Number.POSITIVE_INFINITY) >= 1e6;
  const deep = (minimum ?? exclusiveMinimum ?? Number.NEGATIVE_INFINITY) <= -1e6;
  if (minimum !== undefined && maximum !== undefined && !wide && !deep)
    return `${minimum} to ${maximum}${suffix}`;
  const parts = [deep ? "" : low, wide ? "" : high].filter(Boolean);
  return parts.length ? parts.join(", ") + suffix : "";
}

function checkList(value: Json, kind: Kind & { least: number }): string | null {
  if (!Array.isArray(value)) return "must be a list";
  if (value.length < kind.least)
    return kind.least === 1 ? "needs at least one" : `needs at least ${kind.least}`;
  if (kind.kind === "names" && !value.every((one) => typeof one === "string")) return "must be texts";
  if (kind.kind === "numbers") {
    for (const one of value) {
      if (typeof one !== "number") return "must be numbers";
      const wrong = checkBounds(one, kind.bounds);
      if (wrong) return `${one} ${wrong}`;
    }
  }
  if (kind.kind === "choices" && !value.every((one) => kind.options.includes(one)))
    return `must be of ${kind.options.join(", ")}`;
  if (kind.kind === "pairs" && !value.every((one) => Array.isArray(one) && one.length === 2))
    return "must be pairs of numbers";
  return null;
}

function checkText(value: Json, least: number): string | null {
  if (typeof value !== "string") return "must be a text";
  if (value.length >= least) return null;
  return least === 1 ? "must not be empty" : `needs ${least} characters`;
}

/** Why a value cannot be right, or null. */
export function checkValue(name: string, schema: Schema, value: Json): string | null {
  const kind = kindOf(name, schema);
  if (value === null) return kind.nullable ? null : "needs a value";
  switch (kind.kind) {
    case "number":
      if (typeof value !== "number") return "must be a number";
      if (kind.integer && !Number.isInteger(value)) return "must be a whole number";
      return checkBounds(value, kind.bounds);
    case "switch":
      return typeof value === "boolean" ? null : "must be on or off";
    case "choice":
      return kind.options.includes(value) ? null : `must be one of ${kind.options.join(", ")}`;
    case "text":
      return checkText(value, kind.minLength);
    case "path":
      return checkText(value, 1);
    case "unit":
      return checkText(value, 0);
    case "map":
      return typeof value === "object" && !Array.isArray(value) ? null : "must be a table of names";
    case "json":
      return null;
    default:
      return checkList(value, kind);
  }
}
