/**
 * Which widget a parameter's schema gets. Twelve kinds; a schema that is none of them is edited as JSON, never hidden.
 *
 * `nullable` parameters may be left without a value (null); every kind may be, then.
 */
import type { Json, Schema } from "../api/types";

interface Base {
  nullable: boolean;
}
export type Kind = Base &
  (
    | { kind: "number"; integer: boolean; bounds: Bounds }
    | { kind: "text"; minLength: number; long: boolean }
    | { kind: "path"; role: "input" | "output" }
    | { kind: "unit" }
    | { kind: "choice"; options: Json[] }
    | { kind: "switch" }
    | { kind: "names"; least: number }
    | { kind: "numbers"; least: number; bounds: Bounds }
    | { kind: "choices"; options: Json[]; least: number }
    | { kind: "pairs"; least: number }
    | { kind: "map" }
    | { kind: "json" }
  );

export interface Bounds {
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
}

function boundsOf(schema: Schema): Bounds {
  const bounds: Bounds = {};
  for (const key of ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] as const)
    if (schema[key] !== undefined) bounds[key] = schema[key];
  return bounds;
}

/** The schema without `null` as an alternative, and whether that was one. */
function withoutNull(schema: Schema): { inner: Schema; nullable: boolean } {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) {
    const others = alternatives.filter((one) => one.type !== "null");
    const nullable = others.length < alternatives.length;
    const [only] = others;
    if (others.length !== 1 || !only) return { inner: schema, nullable };
    const { anyOf: _any, oneOf: _one, ...rest } = schema;
    return { inner: { ...rest, ...only }, nullable };
  }
  if (Array.isArray(schema.type)) {
    const types = schema.type.filter((one) => one !== "null");
    const [only] = types;
    const inner: Schema = { ...schema };
    if (types.length === 1 && only) inner.type = only;
    return { inner, nullable: types.length < schema.type.length };
  }
  return { inner: schema, nullable: schema.type === "null" };
}

const isNumber = (schema: Schema | undefined) => schema?.type === "number" || schema?.type === "integer";

function listKind(schema: Schema, nullable: boolean): Kind {
  const items = schema.items ?? {};
  const least = schema.minItems ?? 0;
  if (items.enum) return { kind: "choices", options: items.enum, least, nullable };
  if (isNumber(items)) return { kind: "numbers", least, nullable, bounds: boundsOf(items) };
  if (items.type === "string") return { kind: "names", least, nullable };
  const pair = items.type === "array" && (isNumber(items.items) || items.prefixItems?.every(isNumber));
  return pair ? { kind: "pairs", least, nullable } : { kind: "json", nullable };
}

export function kindOf(name: string, schema: Schema): Kind {
  const { inner, nullable } = withoutNull(schema);
  if (inner.anyOf || inner.oneOf || inner.allOf || inner.$ref) return { kind: "json", nullable };
  if (inner.enum) return { kind: "choice", options: inner.enum.filter((one) => one !== null), nullable };
  switch (inner.type) {
    case "number":
    case "integer":
      return { kind: "number", integer: inner.type === "integer", bounds: boundsOf(inner), nullable };
    case "boolean":
      return nullable ? { kind: "choice", options: [true, false], nullable } : { kind: "switch", nullable };
    case "string": {
      const role = schema["x-path"];
      if (role) return { kind: "path", role, nullable };
      if (/(^|_)unit$/.test(name)) return { kind: "unit", nullable };
      return { kind: "text", minLength: inner.minLength ?? 0, long: schema["x-long"] === true, nullable };
    }
    case "array":
      return listKind(inner, nullable);
    case "object": {
      const values = inner.additionalProperties;
      const plain = typeof values === "object" && values.type === "string" && !inner.properties;
      return plain ? { kind: "map", nullable } : { kind: "json", nullable };
    }
    default:
      return { kind: "json", nullable };
  }
}

const WORDS: Record<string, string> = {
  db: "dB",
  dc: "DC",
  rms: "RMS",
  hz: "Hz",
  fft: "FFT",
  id: "ID",
  csv: "CSV",
  wav: "WAV",
};

/** `sample_rate` -> `Sample rate`, `gain_db` -> `Gain dB`. */
export function labelOf(name: string): string {
  const words = name.split("_").map((word) => WORDS[word] ?? word);
  const text = words.join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The unit beside a field: `unit` stands for that of the channels, 1 for none. */
export function unitOf(schema: Schema): string {
  const unit = schema["x-unit"] ?? "";
  return unit === "1" || unit === "unit" ? "" : unit;
}
