/** What a panel can show, and what of it an edge can be seen as. */
import type { ViewKind } from "../../api/types";

/** The server's kinds, and what the page makes of them: the course of numbers, and a lamp. */
export type PanelKind = ViewKind | "trend" | "verdict";

export const PANEL_KINDS: readonly PanelKind[] = [
  "strip",
  "scope",
  "spectrum",
  "waterfall",
  "levels",
  "scalar",
  "trend",
  "verdict",
];

export const KIND_NAMES: Record<PanelKind, string> = {
  strip: "Strip",
  scope: "Scope",
  spectrum: "Spectrum",
  waterfall: "Waterfall",
  levels: "Levels",
  scalar: "Number",
  trend: "Trend",
  verdict: "Verdict",
};

export function isPanelKind(value: unknown): value is PanelKind {
  return PANEL_KINDS.some((kind) => kind === value);
}

/** The kind to ask the server for; null for what comes on the control socket alone. */
export function serverKind(kind: PanelKind | "auto"): ViewKind | "auto" | null {
  if (kind === "verdict") return null;
  return kind === "trend" ? "scalar" : kind;
}

/** Below this rate numbers are read one by one, and drawn as a trend. */
const SAMPLED = 20;

/** The views that make sense for an axis; the first is the usual one. */
export function kindsFor(axis: string, rate: number | null, judges: boolean): PanelKind[] {
  const more: PanelKind[] = judges ? ["verdict"] : [];
  if (axis === "time" && rate !== null && rate >= SAMPLED)
    return ["strip", "scope", "spectrum", "waterfall", "levels", "scalar", "trend", ...more];
  if (axis === "time") return ["trend", "scalar", "strip", ...more];
  if (axis === "none") return ["scalar", "trend", ...more];
  return ["spectrum", "waterfall", "scalar", ...more];
}

/** What the answer to `auto` is shown as: numbers over time as their course. */
export function shownAs(answer: ViewKind, axis: string): PanelKind {
  return answer === "scalar" && axis === "time" ? "trend" : answer;
}
