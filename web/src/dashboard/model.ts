/** The dashboard in a graph document: `metadata.page.dashboard`. What does not fit is left out, the rest kept. */
import type { GraphDocument, Json, JsonObject, StreamInfo } from "../api/types";
import { isPanelKind, judgeOf, type PanelKind, type PanelOptions, readOptions, savedOptions } from "../live";
import { type Cell, fitted, settle, vacancy } from "./grid";

export interface DashboardPanel extends Cell {
  /** The output that is shown: `node.port`. */
  edge: string;
  kind: PanelKind | "auto";
  title: string;
  options: PanelOptions;
}

const SIZE = { w: 6, h: 5 };
/** A suggestion of more is hard to read. */
const SUGGESTED = 6;

function object(value: unknown): JsonObject | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

function readPanel(value: Json, index: number): DashboardPanel[] {
  const raw = object(value);
  if (!raw || typeof raw.edge !== "string" || raw.edge === "") return [];
  const number = (key: string, otherwise: number) =>
    typeof raw[key] === "number" ? (raw[key] as number) : otherwise;
  return [
    fitted({
      id: typeof raw.id === "string" && raw.id ? raw.id : `panel-${index + 1}`,
      edge: raw.edge,
      kind: isPanelKind(raw.kind) ? raw.kind : "auto",
      title: typeof raw.title === "string" ? raw.title : "",
      options: readOptions(raw.options),
      x: number("x", 0),
      y: number("y", 0),
      w: number("w", SIZE.w),
      h: number("h", SIZE.h),
    }),
  ];
}

/** The saved panels; null where a graph has no dashboard yet. */
export function readDashboard(document: GraphDocument): DashboardPanel[] | null {
  const dashboard = object(object(object(document.metadata)?.page)?.dashboard);
  if (!dashboard || !Array.isArray(dashboard.panels)) return null;
  const seen = new Set<string>();
  const panels = dashboard.panels.flatMap(readPanel).map((panel) => {
    const id = seen.has(panel.id) ? fresh(seen) : panel.id;
    seen.add(id);
    return { ...panel, id };
  });
  return settle(panels);
}

/** An id that no panel has. */
export function fresh(taken: { has(id: string): boolean }): string {
  for (let number = 1; ; number++) if (!taken.has(`panel-${number}`)) return `panel-${number}`;
}

function panelJson({ id, edge, kind, title, options, x, y, w, h }: DashboardPanel): JsonObject {
  const saved = savedOptions(options) as JsonObject;
  return {
    id,
    edge,
    kind,
    ...(title ? { title } : {}),
    x,
    y,
    w,
    h,
    ...(Object.keys(saved).length > 0 ? { options: saved } : {}),
  };
}

/** The document with these panels; everything else, and the order of keys, stays. */
export function writeDashboard(document: GraphDocument, panels: readonly DashboardPanel[]): GraphDocument {
  const metadata = object(document.metadata) ?? {};
  const page = object(metadata.page) ?? {};
  const dashboard = { ...(object(page.dashboard) ?? {}), panels: panels.map(panelJson) };
  return { ...document, metadata: { ...metadata, page: { ...page, dashboard } } };
}

/** Outputs of a document's connections, each once, in its order. */
export function outputsOf(document: GraphDocument): string[] {
  const list = Array.isArray(document.connections) ? document.connections : [];
  const outputs = list.flatMap((item) => {
    const from = object(item)?.from;
    return typeof from === "string" ? [from.includes(".") ? from : `${from}.out`] : [];
  });
  return [...new Set(outputs)];
}

export function addPanel(
  panels: readonly DashboardPanel[],
  edge: string,
  kind: PanelKind | "auto",
): DashboardPanel[] {
  const id = fresh(new Set(panels.map((panel) => panel.id)));
  const place = vacancy(panels, SIZE.w, SIZE.h);
  return [...panels, { id, edge, kind, title: "", options: readOptions(null), ...place, ...SIZE }];
}

/** Below this rate an output is numbers, not a waveform. */
const SAMPLED = 20;

/**
 * A dashboard for a graph that has none: the verdict, spectra and bands, numbers over time, and of the waveforms the
 * one farthest from its source, which is what is measured.
 */
export function suggested(
  document: GraphDocument,
  infos: Record<string, StreamInfo | null>,
): DashboardPanel[] {
  const edges = outputsOf(document).filter((edge) => infos[edge]?.channels.length !== 0);
  const sampled = edges.filter((edge) => {
    const info = infos[edge];
    return !info || (info.axis === "time" && (info.rate ?? 0) >= SAMPLED);
  });
  const measured = edges.filter((edge) => !sampled.includes(edge));
  const points = measured.filter((edge) => infos[edge]?.axis !== "time");
  const numbers = measured.filter((edge) => infos[edge]?.axis === "time");
  const waveform = sampled.at(-1);
  const judged = edges.findLast((edge) => judgeOf(document, edge) !== null);
  const wanted: [string, PanelKind | "auto"][] = [
    ...(waveform ? [[waveform, "auto"] as [string, "auto"]] : []),
    ...points.map((edge): [string, "auto"] => [edge, "auto"]),
    ...(waveform && points.length === 0 ? [[waveform, "spectrum"] as [string, PanelKind]] : []),
    ...numbers.map((edge): [string, "auto"] => [edge, "auto"]),
    ...(judged ? [[judged, "verdict"] as [string, PanelKind]] : []),
  ];
  return wanted
    .slice(0, SUGGESTED)
    .reduce<DashboardPanel[]>((panels, [edge, kind]) => addPanel(panels, edge, kind), []);
}
