/**
 * One history of a document: structure, parameters and layout alike.
 *
 * An entry holds patches in both directions. Edits with the same `merge` key that follow closely become one entry, so that
 * typing a number or nudging a node by arrow keys is one step back.
 */
import type { Json } from "../api/types";
import { applyAll, type Patch } from "./patch";

export interface Entry {
  label: string;
  forward: Patch[];
  back: Patch[];
  merge: string | null;
  time: number;
}

export interface History {
  document: Json;
  past: readonly Entry[];
  future: readonly Entry[];
}

export interface EditOptions {
  /** Edits with the same key within MERGE_TIME become one. */
  merge?: string;
  /** Milliseconds, for merging. */
  time?: number;
}

/** Milliseconds between edits that may become one. */
export const MERGE_TIME = 1500;
/** Steps that are kept. */
export const DEPTH = 1000;

export function startHistory(document: Json): History {
  return { document, past: [], future: [] };
}

export function edit(
  history: History,
  label: string,
  patches: readonly Patch[],
  options: EditOptions = {},
): History {
  if (patches.length === 0) return history;
  const [document, back] = applyAll(history.document, patches);
  const time = options.time ?? Date.now();
  const merge = options.merge ?? null;
  const last = history.past.at(-1);
  if (
    last &&
    merge !== null &&
    last.merge === merge &&
    time - last.time < MERGE_TIME &&
    history.future.length === 0
  ) {
    const entry = { ...last, forward: [...last.forward, ...patches], back: [...back, ...last.back], time };
    return { document, past: [...history.past.slice(0, -1), entry], future: [] };
  }
  const entry: Entry = { label, forward: [...patches], back, merge, time };
  return { document, past: [...history.past, entry].slice(-DEPTH), future: [] };
}

export function undo(history: History): History {
  const entry = history.past.at(-1);
  if (!entry) return history;
  const [document] = applyAll(history.document, entry.back);
  // An entry that was taken back is whole: nothing merges into it any more.
  const kept = { ...entry, merge: null };
  return { document, past: history.past.slice(0, -1), future: [kept, ...history.future] };
}

export function redo(history: History): History {
  const [entry, ...future] = history.future;
  if (!entry) return history;
  const [document] = applyAll(history.document, entry.forward);
  return { document, past: [...history.past, entry], future };
}
