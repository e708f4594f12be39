/** What the dashboard page shows: a graph's panels and the pipeline that runs it. */
import { create } from "zustand";
import { ApiError, api } from "../api/http";
import type { GraphDocument, Pipeline } from "../api/types";
import { notePipeline, pipelineOf, useRuns } from "../store/runs";
import { toast } from "../ui/Toasts";
import { type DashboardPanel, readDashboard, suggested, writeDashboard } from "./model";

interface Dashboard {
  target: string | null;
  /** File of the graph; null where only a pipeline is known. */
  path: string | null;
  /** Revision that the panels were read from. */
  base: string | null;
  document: GraphDocument | null;
  panels: readonly DashboardPanel[];
  /** The panels are a suggestion: none were saved. */
  suggestion: boolean;
  dirty: boolean;
  editing: boolean;
  busy: boolean;
  error: string;
}

const EMPTY: Dashboard = {
  target: null,
  path: null,
  base: null,
  document: null,
  panels: [],
  suggestion: false,
  dirty: false,
  editing: false,
  busy: false,
  error: "",
};

export const useDashboard = create<Dashboard>(() => EMPTY);

/** The pipeline of the dashboard: the one that it is named by, else the newest of its graph. */
export function useDashboardPipeline(): Pipeline | undefined {
  const { target, path } = useDashboard();
  return useRuns((state) => (target && state.pipelines[target]) || pipelineOf(state.pipelines, path));
}

function currentPipeline(): Pipeline | undefined {
  const { target, path } = useDashboard.getState();
  const { pipelines } = useRuns.getState();
  return (target && pipelines[target]) || pipelineOf(pipelines, path);
}

const isPipeline = (target: string): boolean => /^p\d+$/.test(target);

interface Found {
  path: string | null;
  base: string | null;
  document: GraphDocument;
}

async function find(target: string): Promise<Found> {
  if (!isPipeline(target)) {
    const file = await api.graph(target);
    return { path: file.path, base: file.revision, document: file.document };
  }
  const pipeline = await api.pipeline(target);
  // The panels belong to the file: what runs may be an older state of it.
  if (pipeline.path) {
    try {
      const file = await api.graph(pipeline.path);
      return { path: file.path, base: file.revision, document: file.document };
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
    }
  }
  return { path: null, base: null, document: pipeline.document ?? {} };
}

/** Read what a dashboard of a pipeline (`p1`) or of a graph file shows. */
export async function openDashboard(target: string): Promise<void> {
  useDashboard.setState({ ...EMPTY, target, busy: true });
  const current = () => useDashboard.getState().target === target;
  try {
    const found = await find(target);
    const saved = readDashboard(found.document);
    if (current()) useDashboard.setState({ path: found.path });
    const panels = saved ?? (await suggestion(found));
    if (current()) useDashboard.setState({ ...found, panels, suggestion: saved === null, busy: false });
  } catch (error) {
    if (current())
      useDashboard.setState({ busy: false, error: error instanceof Error ? error.message : String(error) });
  }
}

async function suggestion({ document, path }: Pick<Found, "document" | "path">): Promise<DashboardPanel[]> {
  // What a recording holds is known by a run only.
  const learned = currentPipeline()?.outputs ?? {};
  try {
    const { outputs } = await api.validate(document, path);
    return suggested(document, { ...outputs, ...learned });
  } catch {
    return suggested(document, learned);
  }
}

/** More is known of what flows: what was suggested, and nobody has touched, is suggested anew. */
export async function suggestAgain(): Promise<void> {
  const { document, path, target, suggestion: untouched, editing, dirty } = useDashboard.getState();
  if (!document || !untouched || editing || dirty) return;
  const panels = await suggestion({ document, path });
  const now = useDashboard.getState();
  if (now.target === target && now.suggestion && !now.editing && !now.dirty)
    useDashboard.setState({ panels });
}

export function changePanels(change: (panels: readonly DashboardPanel[]) => DashboardPanel[]): void {
  useDashboard.setState((state) => ({ panels: change(state.panels), dirty: true }));
}

export function changePanel(id: string, part: Partial<DashboardPanel>): void {
  changePanels((panels) => panels.map((panel) => (panel.id === id ? { ...panel, ...part } : panel)));
}

export function setEditing(editing: boolean): void {
  useDashboard.setState({ editing });
}

/** Save the panels with their graph. Somebody else's changes to the graph stay: only the panels are put in. */
export async function saveDashboard(): Promise<void> {
  const { path, base, document, panels } = useDashboard.getState();
  if (!path || !document) return;
  useDashboard.setState({ busy: true });
  try {
    const saved = await saveInto(path, base, document, panels);
    useDashboard.setState({ ...saved, dirty: false, suggestion: false });
    toast("ok", "Dashboard saved with its graph");
  } catch (error) {
    toast("error", error instanceof Error ? error.message : String(error));
  } finally {
    useDashboard.setState({ busy: false });
  }
}

async function saveInto(
  path: string,
  base: string | null,
  document: GraphDocument,
  panels: readonly DashboardPanel[],
): Promise<{ base: string; document: GraphDocument }> {
  const wanted = writeDashboard(document, panels);
  try {
    const { revision } = await api.save(path, wanted, base);
    return { base: revision, document: wanted };
  } catch (error) {
    if (!(error instanceof ApiError) || !error.current) throw error;
    // The graph was changed meanwhile. Panels are apart from what anybody else changes in it.
    const merged = writeDashboard(error.current.document, panels);
    const { revision } = await api.save(path, merged, error.current.revision);
    return { base: revision, document: merged };
  }
}

async function run(action: () => Promise<Pipeline | undefined>): Promise<void> {
  if (useDashboard.getState().busy) return;
  useDashboard.setState({ busy: true });
  try {
    const pipeline = await action();
    if (pipeline) notePipeline(pipeline);
  } catch (error) {
    // What failed at the start stands in the pipeline itself.
    if (!(error instanceof ApiError && error.code === "failed"))
      toast("error", error instanceof Error ? error.message : String(error));
  } finally {
    useDashboard.setState({ busy: false });
  }
}

/** Start, by itself or waiting for triggers (`manual`). */
export const start = (drive: "auto" | "manual"): Promise<void> =>
  run(async () => {
    const known = currentPipeline();
    if (known) return api.start(known.id, { drive });
    const { path, document, base } = useDashboard.getState();
    if (!document) return undefined;
    return api.deploy({
      document,
      ...(path ? { path } : {}),
      ...(base ? { revision: base } : {}),
      start: true,
      drive,
    });
  });

export const stop = (): Promise<void> =>
  run(async () => {
    const known = currentPipeline();
    return known && api.stop(known.id);
  });

export const fire = (): Promise<void> =>
  run(async () => {
    const known = currentPipeline();
    if (known) await api.trigger(known.id);
    return undefined;
  });
