/** The document that is edited: its history, what is selected, what is saved. */
import { create } from "zustand";
import type { GraphDocument, Json } from "../api/types";
import {
  type EditOptions,
  edit as editHistory,
  type History,
  redo as redoHistory,
  startHistory,
  undo as undoHistory,
} from "./history";
import type { Patch } from "./patch";

export interface Selection {
  nodes: ReadonlySet<string>;
  edges: ReadonlySet<string>;
}

export interface EditorState {
  /** Where it is saved in the project; null: nowhere yet. */
  path: string | null;
  /** Revision that the edits started from. */
  base: string | null;
  /** The saved document as text; "" when there is none. */
  saved: string;
  dirty: boolean;
  history: History;
  selection: Selection;
  /** Counts up with each document that is opened: what is kept per document starts anew. */
  opened: number;
}

export const NOTHING: Selection = { nodes: new Set(), edges: new Set() };
export const NEW_GRAPH: GraphDocument = { version: 1, nodes: [], connections: [] };

export function textOf(document: Json | GraphDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

export const useEditor = create<EditorState>(() => ({
  path: null,
  base: null,
  saved: "",
  dirty: false,
  history: startHistory(NEW_GRAPH as Json),
  selection: NOTHING,
  opened: 0,
}));

export function currentDocument(): GraphDocument {
  return useEditor.getState().history.document as GraphDocument;
}

export function useDocument(): GraphDocument {
  return useEditor((state) => state.history.document) as GraphDocument;
}

function withHistory(state: EditorState, history: History): Partial<EditorState> {
  if (history === state.history) return {};
  const dirty = state.saved === "" ? history.past.length > 0 : textOf(history.document) !== state.saved;
  return { history, dirty };
}

/** Open a document; `saved` is what the project has (null: nothing yet), which may be older than it. */
export function openDocument(
  document: GraphDocument,
  from: { path: string; revision: string; saved: GraphDocument } | null,
): void {
  const saved = from ? textOf(from.saved) : "";
  useEditor.setState((state) => ({
    path: from?.path ?? null,
    base: from?.revision ?? null,
    saved,
    dirty: from !== null && textOf(document) !== saved,
    history: startHistory(document as Json),
    selection: NOTHING,
    opened: state.opened + 1,
  }));
}

/** One step of the history. Nothing happens without patches. */
export function edit(label: string, patches: readonly Patch[], options: EditOptions = {}): void {
  useEditor.setState((state) => withHistory(state, editHistory(state.history, label, patches, options)));
}

export function undo(): void {
  useEditor.setState((state) => withHistory(state, undoHistory(state.history)));
}

export function redo(): void {
  useEditor.setState((state) => withHistory(state, redoHistory(state.history)));
}

/** The document as it was given to the server now is what the project has. */
export function markSaved(document: GraphDocument, path: string, revision: string): void {
  useEditor.setState((state) => {
    const saved = textOf(document);
    return { path, base: revision, saved, dirty: textOf(state.history.document) !== saved };
  });
}

export function select(nodes: Iterable<string>, edges: Iterable<string> = []): void {
  useEditor.setState({ selection: { nodes: new Set(nodes), edges: new Set(edges) } });
}
