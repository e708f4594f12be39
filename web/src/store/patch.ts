/**
 * Changes of a JSON document, each with the change that takes it back - to the byte, order of keys included.
 *
 * Documents are never written to: a change makes new objects along its path and shares everything else.
 */
import type { Json, JsonObject } from "../api/types";

export type Path = readonly (string | number)[];

export type Patch =
  /** Put a value under a key or into a place of a list; a new key goes to position `at` (the end without it). */
  | { op: "set"; path: Path; value: Json; at?: number }
  /** Take a key out of an object. */
  | { op: "unset"; path: Path }
  /** Put a value into a list, before the one that stands at the index. */
  | { op: "insert"; path: Path; value: Json }
  /** Take a value out of a list. */
  | { op: "remove"; path: Path };

export class PatchError extends Error {}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fail(path: Path, what: string): never {
  throw new PatchError(`${pointer(path) || "the document"}: ${what}`);
}

/** Path as a JSON pointer (RFC 6901). */
export function pointer(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** JSON pointer as path; steps of digits are indexes. */
export function fromPointer(text: string): (string | number)[] {
  if (!text.startsWith("/")) return [];
  return text
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((step) => (/^(0|[1-9]\d*)$/.test(step) ? Number(step) : step));
}

export function valueAt(document: Json, path: Path): Json | undefined {
  let value: Json | undefined = document;
  for (const step of path) {
    if (Array.isArray(value)) value = typeof step === "number" ? value[step] : undefined;
    else if (isObject(value)) value = Object.hasOwn(value, step) ? value[step] : undefined;
    else return undefined;
  }
  return value;
}

function withKey(object: JsonObject, key: string, value: Json, at?: number): JsonObject {
  if (Object.hasOwn(object, key))
    return Object.fromEntries(Object.entries(object).map(([k, v]) => (k === key ? [k, value] : [k, v])));
  const entries = Object.entries(object);
  entries.splice(at ?? entries.length, 0, [key, value]);
  return Object.fromEntries(entries);
}

/** One step of a patch at the container that holds it: the new container and the inverse. */
function applyHere(container: Json, patch: Patch): [Json, Patch] {
  const { path } = patch;
  const step = path[path.length - 1] as string | number;
  if (Array.isArray(container)) {
    if (typeof step !== "number") return fail(path, "a list has indexes, not keys");
    const old = container[step];
    if (patch.op === "insert") {
      if (step > container.length) return fail(path, "beyond the end of the list");
      return [container.toSpliced(step, 0, patch.value), { op: "remove", path }];
    }
    if (old === undefined) return fail(path, "beyond the end of the list");
    if (patch.op === "remove") return [container.toSpliced(step, 1), { op: "insert", path, value: old }];
    if (patch.op === "set") return [container.with(step, patch.value), { op: "set", path, value: old }];
    return fail(path, "an element of a list is removed, not unset");
  }
  if (!isObject(container)) return fail(path, "neither an object nor a list");
  const key = String(step);
  const at = Object.keys(container).indexOf(key);
  if (patch.op === "set") {
    const old = container[key];
    const inverse: Patch =
      at < 0 || old === undefined ? { op: "unset", path } : { op: "set", path, value: old };
    return [withKey(container, key, patch.value, patch.at), inverse];
  }
  if (patch.op === "unset") {
    if (at < 0) return fail(path, "not there");
    const value = container[key] as Json;
    const rest = Object.entries(container).filter(([k]) => k !== key);
    return [Object.fromEntries(rest), { op: "set", path, value, at }];
  }
  return fail(path, `${patch.op} is for lists`);
}

function applyAt(value: Json, patch: Patch, depth: number): [Json, Patch] {
  if (depth === patch.path.length - 1) return applyHere(value, patch);
  const step = patch.path[depth] as string | number;
  const inner = valueAt(value, [step]);
  if (inner === undefined) return fail(patch.path.slice(0, depth + 1), "not there");
  const [changed, inverse] = applyAt(inner, patch, depth + 1);
  if (Array.isArray(value)) return [value.with(step as number, changed), inverse];
  return [withKey(value as JsonObject, String(step), changed), inverse];
}

/** The document after a patch, and the patch back. */
export function applyPatch(document: Json, patch: Patch): [Json, Patch] {
  if (patch.path.length === 0) {
    if (patch.op !== "set") return fail(patch.path, "the whole document can only be set");
    return [patch.value, { op: "set", path: [], value: document }];
  }
  return applyAt(document, patch, 0);
}

/** All patches, or none: the document after them, and the patches back in the order in which they are to be applied. */
export function applyAll(document: Json, patches: readonly Patch[]): [Json, Patch[]] {
  const back: Patch[] = [];
  let value = document;
  for (const patch of patches) {
    const [next, inverse] = applyPatch(value, patch);
    value = next;
    back.unshift(inverse);
  }
  return [value, back];
}
