/** Unsaved edits in this browser, so that a reload, a crash or a lost server takes nothing. */
import type { GraphDocument } from "../api/types";
import { type EditorState, useEditor } from "./editor";

export interface Draft {
  document: GraphDocument;
  /** Revision that the edits started from; null for a graph that was never saved. */
  base: string | null;
  time: number;
}

const PREFIX = "streamlab.draft:";
/** Milliseconds after the last edit. */
const PAUSE = 250;

const keyOf = (path: string | null) => `${PREFIX}${path ?? ""}`;

export function readDraft(path: string | null): Draft | null {
  try {
    const draft = JSON.parse(localStorage.getItem(keyOf(path)) ?? "null") as Draft | null;
    return draft && typeof draft.document === "object" && draft.document !== null ? draft : null;
  } catch {
    return null;
  }
}

export function dropDraft(path: string | null): void {
  localStorage.removeItem(keyOf(path));
}

function write(state: EditorState): void {
  if (!state.dirty) {
    dropDraft(state.path);
    return;
  }
  const draft: Draft = {
    document: state.history.document as GraphDocument,
    base: state.base,
    time: Date.now(),
  };
  try {
    localStorage.setItem(keyOf(state.path), JSON.stringify(draft));
  } catch {
    // The browser's store is full or closed: the edit itself is not to fail for that.
  }
}

/** Keep drafts from now on; returns what ends it. */
export function keepDrafts(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waiting = false;
  const flush = () => {
    clearTimeout(timer);
    if (waiting) write(useEditor.getState());
    waiting = false;
  };
  const end = useEditor.subscribe((state, before) => {
    // Another document: what waits belongs to the one before, under its name.
    if (waiting && state.opened !== before.opened) {
      clearTimeout(timer);
      waiting = false;
      write(before);
    }
    if (state.history === before.history && state.dirty === before.dirty) return;
    if (state.opened !== before.opened) return;
    if (state.path !== before.path) dropDraft(before.path);
    waiting = true;
    clearTimeout(timer);
    timer = setTimeout(flush, PAUSE);
  });
  addEventListener("pagehide", flush);
  return () => {
    flush();
    end();
    removeEventListener("pagehide", flush);
  };
}
