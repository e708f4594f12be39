/** What runs on the server, as the control socket tells it: pipelines, their figures, log, verdicts. */
import { create } from "zustand";
import { control } from "../api/control";
import { api } from "../api/http";
import type { Json, JsonObject, LogLine, Metrics, Pipeline, Verdict } from "../api/types";

interface Runs {
  pipelines: Readonly<Record<string, Pipeline>>;
  metrics: Readonly<Record<string, Metrics>>;
  logs: Readonly<Record<string, readonly LogLine[]>>;
  verdicts: Readonly<Record<string, Readonly<Record<string, Verdict>>>>;
  results: Readonly<Record<string, Readonly<Record<string, Json>>>>;
}

/** Lines of log kept for each pipeline. */
const LINES = 1000;
const EMPTY: Runs = { pipelines: {}, metrics: {}, logs: {}, verdicts: {}, results: {} };

export const useRuns = create<Runs>(() => EMPTY);

export const isActive = (pipeline: Pipeline | undefined): boolean =>
  pipeline?.state === "running" || pipeline?.state === "starting" || pipeline?.state === "stopping";

/** The newest pipeline of a graph file. */
export function pipelineOf(pipelines: Runs["pipelines"], path: string | null): Pipeline | undefined {
  if (path === null) return undefined;
  return Object.values(pipelines)
    .filter((one) => one.path === path)
    .toSorted((a, b) => b.since - a.since || b.id.localeCompare(a.id, "en", { numeric: true }))[0];
}

export function notePipeline(pipeline: Pipeline): void {
  useRuns.setState((state) => {
    const before = state.pipelines[pipeline.id];
    const fresh = pipeline.state === "starting" && before?.state !== "starting";
    const without = <T>(map: Readonly<Record<string, T>>) =>
      Object.fromEntries(Object.entries(map).filter(([id]) => id !== pipeline.id));
    return {
      pipelines: { ...state.pipelines, [pipeline.id]: { ...before, ...pipeline } },
      ...(fresh
        ? {
            verdicts: without(state.verdicts),
            results: without(state.results),
            metrics: without(state.metrics),
          }
        : {}),
    };
  });
}

function noteLive(id: string, node: string, values: JsonObject): void {
  useRuns.setState((state) => {
    const pipeline = state.pipelines[id];
    if (!pipeline) return state;
    const live = { ...pipeline.live, [node]: { ...pipeline.live[node], ...values } };
    return { pipelines: { ...state.pipelines, [id]: { ...pipeline, live } } };
  });
}

function noteLines(id: string, lines: readonly LogLine[], dropped: number): void {
  const note: LogLine[] = dropped
    ? [{ time: lines[0]?.time ?? 0, level: "warning", text: `${dropped} lines left out` }]
    : [];
  useRuns.setState((state) => ({
    logs: { ...state.logs, [id]: [...(state.logs[id] ?? []), ...note, ...lines].slice(-LINES) },
  }));
}

export async function fetchLog(id: string): Promise<void> {
  try {
    const lines = await api.log(id);
    useRuns.setState((state) => ({ logs: { ...state.logs, [id]: lines } }));
  } catch {
    // The pipeline is gone meanwhile: there is no log then.
  }
}

/** Follow the control socket from now on. Called once. */
export function followRuns(): void {
  control.on("hello", ({ pipelines }) => {
    useRuns.setState((state) => ({
      ...EMPTY,
      logs: state.logs,
      pipelines: Object.fromEntries(pipelines.map((one) => [one.id, one])),
      verdicts: Object.fromEntries(pipelines.map((one) => [one.id, one.verdicts ?? {}])),
    }));
    for (const one of pipelines) void fetchLog(one.id);
  });
  control.on("pipeline", ({ pipeline }) => notePipeline(pipeline));
  control.on("gone", ({ pipeline }) =>
    useRuns.setState((state) => {
      const without = <T>(map: Readonly<Record<string, T>>) =>
        Object.fromEntries(Object.entries(map).filter(([id]) => id !== pipeline));
      return {
        pipelines: without(state.pipelines),
        metrics: without(state.metrics),
        logs: without(state.logs),
        verdicts: without(state.verdicts),
        results: without(state.results),
      };
    }),
  );
  control.on("metrics", (metrics) =>
    useRuns.setState((state) => ({ metrics: { ...state.metrics, [metrics.pipeline]: metrics } })),
  );
  control.on("live", ({ pipeline, node, values }) => noteLive(pipeline, node, values));
  control.on("log", ({ pipeline, lines, dropped }) => noteLines(pipeline, lines, dropped ?? 0));
  control.on("verdict", ({ pipeline, node, verdict }) =>
    useRuns.setState((state) => ({
      verdicts: { ...state.verdicts, [pipeline]: { ...state.verdicts[pipeline], [node]: verdict } },
    })),
  );
  control.on("result", ({ pipeline, node, value }) =>
    useRuns.setState((state) => ({
      results: { ...state.results, [pipeline]: { ...state.results[pipeline], [node]: value } },
    })),
  );
}
