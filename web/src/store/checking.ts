/** What the server says of the document: problems, what flows out of each port, the plan's edges. Asked after every edit. */
import { create } from "zustand";
import { useConnection } from "../api/connection";
import { ApiError, api } from "../api/http";
import type { GraphDocument, Problem, StreamInfo, Validation } from "../api/types";
import { currentDocument, useEditor } from "./editor";
import { fromPointer } from "./patch";
import { usePipeline } from "./runner";

interface Checking {
  /** Document that the answer is about; another one than the editor's while an answer is awaited. */
  document: GraphDocument | null;
  validation: Validation | null;
  pending: boolean;
  /** Why there is no answer, or "". */
  error: string;
}

/** Milliseconds after the last edit. */
const PAUSE = 200;

export const useChecking = create<Checking>(() => ({
  document: null,
  validation: null,
  pending: false,
  error: "",
}));

const NO_PROBLEMS: readonly Problem[] = [];

export function useProblems(): readonly Problem[] {
  return useChecking((state) => state.validation?.problems ?? NO_PROBLEMS);
}

/** What flows out of a port, by the checks or, where they cannot know, by the run. */
export function useOutput(output: string): StreamInfo | null {
  const checked = useChecking((state) => state.validation?.outputs[output] ?? null);
  const learned = usePipeline()?.outputs?.[output] ?? null;
  return checked ?? learned;
}

/** Index of the node and name of the parameter that a problem points at. */
export function placeOf(problem: Problem): {
  node: number | null;
  connection: number | null;
  field: string | null;
} {
  const [list, index, config, field] = fromPointer(problem.pointer);
  const at = typeof index === "number" ? index : null;
  return {
    node: list === "nodes" ? at : null,
    connection: list === "connections" ? at : null,
    field: list === "nodes" && config === "config" && field !== undefined ? String(field) : null,
  };
}

let running: AbortController | undefined;

export async function checkNow(): Promise<Validation | null> {
  running?.abort();
  const mine = new AbortController();
  running = mine;
  const document = currentDocument();
  useChecking.setState({ pending: true });
  try {
    const validation = await api.validate(document, useEditor.getState().path, mine.signal);
    if (running === mine) useChecking.setState({ document, validation, pending: false, error: "" });
    return validation;
  } catch (error) {
    if (running === mine) {
      const message = error instanceof ApiError ? error.message : String(error);
      useChecking.setState({ pending: false, error: message });
    }
    return null;
  }
}

/** Check after every edit from now on, and when the server is back; returns what ends it. */
export function keepChecking(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = (pause: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => void checkNow(), pause);
  };
  const ends = [
    useEditor.subscribe((state, before) => {
      if (state.opened !== before.opened) {
        useChecking.setState({ document: null, validation: null, error: "" });
        later(0);
      } else if (state.history !== before.history || state.path !== before.path) later(PAUSE);
    }),
    useConnection.subscribe((state, before) => {
      if (state.status === "open" && before.status !== "open") later(0);
    }),
  ];
  later(0);
  return () => {
    clearTimeout(timer);
    running?.abort();
    for (const end of ends) end();
  };
}
