/** Run, stop and apply what is edited; live parameters follow the document while it runs, whoever changed it. */
import { create } from "zustand";
import { control } from "../api/control";
import { ApiError, api } from "../api/http";
import type { GraphDocument, JsonObject, Pipeline, Problem } from "../api/types";
import { useCatalogue } from "./catalogue";
import { currentDocument, useEditor } from "./editor";
import { viewGraph } from "./graph";
import { NOTHING_PENDING, type Pending, pendingChanges } from "./pending";
import { isActive, notePipeline, pipelineOf, useRuns } from "./runs";

interface Runner {
  /** Pipeline of what is edited. */
  id: string | null;
  /** The document that it runs. */
  deployed: GraphDocument | null;
  pending: Pending;
  busy: boolean;
  /** An Apply is under way: the pipeline stops for a moment. */
  applying: boolean;
  /** Why the last Run, Apply or live change was refused, or "". */
  error: string;
  problems: readonly Problem[];
}

const IDLE: Runner = {
  id: null,
  deployed: null,
  pending: NOTHING_PENDING,
  busy: false,
  applying: false,
  error: "",
  problems: [],
};

export const useRunner = create<Runner>(() => IDLE);

export function usePipeline(): Pipeline | undefined {
  const id = useRunner((state) => state.id);
  return useRuns((state) => (id === null ? undefined : state.pipelines[id]));
}

function pipeline(): Pipeline | undefined {
  const { id } = useRunner.getState();
  return id === null ? undefined : useRuns.getState().pipelines[id];
}

function refreshPending(): void {
  const { deployed } = useRunner.getState();
  const types = useCatalogue.getState().types;
  const document = currentDocument();
  if (!deployed || !isActive(pipeline())) {
    useRunner.setState({ pending: NOTHING_PENDING });
    return;
  }
  const then = { document: deployed, view: viewGraph(deployed, types) };
  const now = { document, view: viewGraph(document, types) };
  useRunner.setState({ pending: pendingChanges(now, then, types) });
}

function refused(error: unknown): void {
  // A node that failed at the start stands in the pipeline's own error.
  if (error instanceof ApiError && error.code === "failed") return;
  if (error instanceof ApiError) useRunner.setState({ error: error.message, problems: error.problems });
  else useRunner.setState({ error: String(error), problems: [] });
}

async function whileBusy(action: () => Promise<void>): Promise<boolean> {
  if (useRunner.getState().busy) return false;
  useRunner.setState({ busy: true, error: "", problems: [] });
  try {
    await action();
    return true;
  } catch (error) {
    refused(error);
    return false;
  } finally {
    useRunner.setState({ busy: false });
    refreshPending();
  }
}

function note(answer: Pipeline, deployed: GraphDocument): void {
  notePipeline(answer);
  useRunner.setState({ id: answer.id, deployed });
}

async function start(document: GraphDocument): Promise<void> {
  const { path, base, dirty } = useEditor.getState();
  const known = pipeline();
  if (!known) {
    const from = path ? { path, ...(base && !dirty ? { revision: base } : {}) } : {};
    note(await api.deploy({ document, ...from, start: true }), document);
    return;
  }
  if (JSON.stringify(useRunner.getState().deployed) !== JSON.stringify(document))
    note(await api.apply(known.id, document, dirty ? null : base), document);
  note(await api.start(known.id), document);
}

export const run = (): Promise<boolean> => whileBusy(() => start(currentDocument()));

export const stop = (): Promise<boolean> =>
  whileBusy(async () => {
    const known = pipeline();
    if (known) notePipeline(await api.stop(known.id));
  });

export const apply = (): Promise<boolean> =>
  whileBusy(async () => {
    const known = pipeline();
    const document = currentDocument();
    const { base, dirty } = useEditor.getState();
    if (!known) return;
    useRunner.setState({ applying: true });
    try {
      note(await api.apply(known.id, document, dirty ? null : base), document);
    } finally {
      useRunner.setState({ applying: false });
    }
  });

export const trigger = (count = 1): Promise<boolean> =>
  whileBusy(async () => {
    const known = pipeline();
    if (known) await api.trigger(known.id, count);
  });

/** The deployed document with values that were taken over live. */
function withLive(document: GraphDocument, node: string, values: JsonObject): GraphDocument {
  const nodes = Array.isArray(document.nodes) ? document.nodes : [];
  const index = viewGraph(document, useCatalogue.getState().types).byKey.get(node)?.index;
  return {
    ...document,
    nodes: nodes.map((raw, n) => {
      if (n !== index || typeof raw !== "object" || raw === null || Array.isArray(raw)) return raw;
      return { ...raw, config: { ...(raw.config as JsonObject | undefined), ...values } };
    }),
  };
}

let sending = false;
/** What was refused last, so that it is not sent again and again. */
let refusedLive = "";

async function sendLive(): Promise<void> {
  if (sending) return;
  sending = true;
  try {
    for (;;) {
      const { id, pending, busy } = useRunner.getState();
      const [first] = Object.entries(pending.live);
      if (id === null || busy || !first || pipeline()?.state !== "running") return;
      const [node, values] = first;
      const text = JSON.stringify([id, pending.live]);
      if (text === refusedLive) return;
      try {
        await api.setLive(id, node, values);
      } catch (error) {
        refusedLive = text;
        if (!(error instanceof ApiError && error.code === "state")) refused(error);
        return;
      }
      refusedLive = "";
      const { deployed, id: still } = useRunner.getState();
      if (still !== id || !deployed) return;
      useRunner.setState({ deployed: withLive(deployed, node, values), error: "", problems: [] });
      refreshPending();
    }
  } finally {
    sending = false;
  }
}

/** A pipeline of this graph that another tab, or this one before a reload, has deployed. */
async function attach(): Promise<void> {
  const { path } = useEditor.getState();
  const found = pipelineOf(useRuns.getState().pipelines, path);
  if (!found || useRunner.getState().id === found.id) return;
  useRunner.setState({ ...IDLE, id: found.id });
  await fetchDeployed(found.id);
}

async function fetchDeployed(id: string): Promise<void> {
  try {
    const { document } = await api.pipeline(id);
    if (useRunner.getState().id === id) useRunner.setState({ deployed: document ?? null });
    refreshPending();
  } catch {
    // Gone meanwhile; the control socket says so.
  }
}

/** Follow the editor and the server from now on; returns what ends it. */
export function keepRunner(): () => void {
  const follow = () => {
    refreshPending();
    void sendLive();
  };
  const ends = [
    useEditor.subscribe((state, before) => {
      if (state.opened !== before.opened) {
        useRunner.setState(IDLE);
        void attach();
      } else if (state.path !== before.path) void attach();
      if (state.history !== before.history) {
        if (useRunner.getState().error) useRunner.setState({ error: "", problems: [] });
        follow();
      }
    }),
    useRuns.subscribe((state, before) => {
      if (state.pipelines === before.pipelines) return;
      const { id } = useRunner.getState();
      if (id !== null && !state.pipelines[id]) useRunner.setState(IDLE);
      void attach();
      follow();
    }),
    // Another tab may have applied its own document.
    control.on("pipeline", ({ pipeline: told }) => {
      const { id, busy } = useRunner.getState();
      if (told.id === id && !busy) void fetchDeployed(told.id);
    }),
  ];
  void attach();
  return () => {
    for (const end of ends) end();
  };
}
