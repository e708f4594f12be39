/** Open, save, import and export: nothing is overwritten unseen, nothing unsaved is lost. */

import { useConnection } from "../api/connection";
import { ApiError, api } from "../api/http";
import type { GraphDocument, Json } from "../api/types";
import { navigate } from "../routes";
import { dropDraft, readDraft } from "../store/drafts";
import {
  currentDocument,
  edit,
  markSaved,
  NEW_GRAPH,
  openDocument,
  textOf,
  useEditor,
} from "../store/editor";
import { take } from "../store/handoff";
import { lossyNumbers } from "../store/numbers";
import { isObject } from "../store/patch";
import { run } from "../store/runner";
import { dismiss, toast } from "../ui/Toasts";
import { closeOverlay, show } from "./uiState";

const message = (error: unknown): string => (error instanceof ApiError ? error.message : String(error));

/** A new graph, or what was left unsaved of one. */
export function openNew(): void {
  const draft = readDraft(null);
  openDocument(NEW_GRAPH, null);
  if (!draft || textOf(draft.document) === textOf(NEW_GRAPH)) return;
  restore(draft.document, null);
}

/** Unsaved edits as one step of the history, so that one undo gives the saved graph. */
function restore(document: GraphDocument, path: string | null): void {
  edit("Restore unsaved edits", [{ op: "set", path: [], value: document as Json }]);
  toast("info", "Unsaved edits of this browser were restored", {
    label: "Discard them",
    run: () => {
      dropDraft(path);
      void openFile(path);
    },
  });
}

export async function openFile(path: string | null): Promise<string | null> {
  if (path === null) {
    openNew();
    return null;
  }
  try {
    const file = await api.graph(path);
    const draft = readDraft(path);
    openDocument(file.document, { path, revision: file.revision, saved: file.document });
    if (draft && textOf(draft.document) !== textOf(file.document)) {
      restore(draft.document, path);
      if (draft.base !== file.revision)
        toast("error", `${path} was changed elsewhere since these edits were made: compare before you save`);
    }
    const [lossy] = lossyNumbers(file.text);
    if (lossy !== undefined)
      toast(
        "error",
        `${path} has ${lossy}, which no browser can hold exactly: saving it here would change it`,
      );
    begin(path);
    return null;
  } catch (error) {
    const problem = error instanceof ApiError ? error.problems[0] : undefined;
    return problem ? `${message(error)}. ${problem.message}` : message(error);
  }
}

/** What the page that led here wants: the graph to run. */
function begin(path: string): void {
  const handoff = take(path);
  if (handoff?.run) void run();
}

export async function save(options: { force?: boolean } = {}): Promise<boolean> {
  const { path, base } = useEditor.getState();
  if (path === null) {
    show({ kind: "saveAs" });
    return false;
  }
  return saveTo(path, base, options.force ?? false);
}

async function saveTo(path: string, base: string | null, force: boolean): Promise<boolean> {
  const document = currentDocument();
  try {
    const { revision } = await api.save(path, document, base, force);
    const renamed = useEditor.getState().path !== path;
    markSaved(document, path, revision);
    closeOverlay();
    dismiss(conflictToast);
    toast("ok", `Saved ${path}`);
    if (renamed) navigate({ page: "edit", path }, { replace: true });
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.code === "conflict" && error.current) {
      const { revision, document: theirs } = error.current;
      show({ kind: "conflict", revision, text: textOf(theirs) });
    } else toast("error", `Not saved: ${message(error)}`);
    return false;
  }
}

/** Save under a name; one that is taken is refused by the server and shown as a conflict. */
export function saveAs(name: string): Promise<boolean> {
  const path = name.endsWith(".json") ? name : `${name}.json`;
  const { path: old, base } = useEditor.getState();
  return saveTo(path, old === path ? base : null, false);
}

/** After a conflict: write ours over theirs. */
export function overwrite(revision: string): Promise<boolean> {
  const { path } = useEditor.getState();
  return path === null ? Promise.resolve(false) : saveTo(path, revision, false);
}

/** After a conflict: go on with theirs; ours stays in the history. */
export function takeTheirs(text: string, revision: string): void {
  const theirs = JSON.parse(text) as GraphDocument;
  const { path } = useEditor.getState();
  edit("Take the saved version", [{ op: "set", path: [], value: theirs as Json }]);
  if (path !== null) markSaved(theirs, path, revision);
  closeOverlay();
  dismiss(conflictToast);
}

/** The message that stands until the two versions are one again. */
let conflictToast = 0;

/** Another tab, an editor or git changed the file. */
export async function changedElsewhere(
  path: string,
  revision: string | null,
  session: string | null,
): Promise<void> {
  const state = useEditor.getState();
  if (path !== state.path || revision === state.base) return;
  if (session !== null && session === useConnection.getState().session) return;
  if (revision === null) {
    toast("error", `${path} was deleted or moved; saving writes it anew`);
    return;
  }
  try {
    const file = await api.graph(path);
    if (useEditor.getState().path !== path || file.revision === useEditor.getState().base) return;
    if (!useEditor.getState().dirty) {
      takeTheirs(textOf(file.document), file.revision);
      toast("info", `${path} was changed elsewhere and is shown as it is now`);
      return;
    }
    conflictToast = toast("error", `${path} was changed elsewhere, and you have unsaved edits`, {
      label: "Compare",
      run: () => show({ kind: "conflict", revision: file.revision, text: textOf(file.document) }),
    });
  } catch {
    // It changes just now; saving will tell.
  }
}

export function exportJson(): void {
  const { path } = useEditor.getState();
  const name = path?.split("/").at(-1) ?? "graph.json";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([textOf(currentDocument())], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A document from a text in place of the present one, as one step. */
export function replaceBy(text: string, label: string): string | null {
  try {
    const value = JSON.parse(text) as Json;
    if (!isObject(value)) return "A graph is a JSON object: {...}";
    if (JSON.stringify(value) !== JSON.stringify(currentDocument()))
      edit(label, [{ op: "set", path: [], value }]);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

export function importJson(): void {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = ".json,application/json";
  input.onchange = async () => {
    const [file] = input.files ?? [];
    if (!file) return;
    const problem = replaceBy(await file.text(), `Import ${file.name}`);
    if (problem) toast("error", `${file.name}: ${problem}`);
    else toast("ok", `Imported ${file.name}; one undo takes it back`);
  };
  input.click();
}
