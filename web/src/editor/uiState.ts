/** What the editor shows besides the document: overlays, the dock, sizes, a connection that is being drawn. */
import { create } from "zustand";
import type { Target } from "../api/types";
import type { Point } from "../store/commands";
import type { End } from "../store/graph";

/** A port that something is to be connected to. */
export interface OpenEnd extends End {
  side: "inputs" | "outputs";
}

export type Overlay =
  | { kind: "add"; at: Point | null; connect: OpenEnd | null }
  | { kind: "find" }
  | { kind: "commands" }
  | { kind: "connect"; from: OpenEnd }
  | { kind: "shortcuts" }
  | { kind: "json" }
  | { kind: "saveAs" }
  | { kind: "open" }
  | { kind: "conflict"; revision: string; text: string };

export interface Connecting {
  from: OpenEnd;
  /** By `node.port`; null until the server has answered. */
  targets: ReadonlyMap<string, Target> | null;
}

export type DockTab = "live" | "problems" | "log";

interface UiState {
  overlay: Overlay | null;
  dock: DockTab;
  connecting: Connecting | null;
  /** A field that is to get the focus; `turn` counts, so that the same one can be asked for again. */
  field: { node: string; name: string; turn: number } | null;
  sizes: Readonly<Record<"palette" | "inspector" | "dock", number>>;
  hidden: Readonly<Record<"palette" | "inspector" | "dock", boolean>>;
  minimap: boolean;
}

export const SIZES = { palette: 216, inspector: 320, dock: 260 } as const;
const SHOWN = { palette: false, inspector: false, dock: false };
const KEY = "streamlab.editor";

function stored(): Partial<Pick<UiState, "sizes" | "hidden" | "minimap">> {
  try {
    const value = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<UiState>;
    const kept: Partial<UiState> = {};
    if (value.sizes) kept.sizes = { ...SIZES, ...value.sizes };
    if (value.hidden) kept.hidden = { ...SHOWN, ...value.hidden };
    if (typeof value.minimap === "boolean") kept.minimap = value.minimap;
    return kept;
  } catch {
    return {};
  }
}

export const useUi = create<UiState>(() => ({
  overlay: null,
  dock: "live",
  connecting: null,
  field: null,
  sizes: SIZES,
  hidden: SHOWN,
  minimap: true,
  ...stored(),
}));

useUi.subscribe((state, before) => {
  if (state.sizes === before.sizes && state.hidden === before.hidden && state.minimap === before.minimap)
    return;
  const { sizes, hidden, minimap } = state;
  localStorage.setItem(KEY, JSON.stringify({ sizes, hidden, minimap }));
});

export const show = (overlay: Overlay): void => useUi.setState({ overlay });
export const closeOverlay = (): void => useUi.setState({ overlay: null });
export const setSize = (panel: keyof typeof SIZES, size: number): void =>
  useUi.setState((state) => ({ sizes: { ...state.sizes, [panel]: size } }));
export const toggle = (panel: keyof typeof SIZES): void =>
  useUi.setState((state) => ({ hidden: { ...state.hidden, [panel]: !state.hidden[panel] } }));

export function showDock(dock: DockTab): void {
  useUi.setState((state) => ({ dock, hidden: { ...state.hidden, dock: false } }));
}

export function focusField(node: string, name: string): void {
  useUi.setState((state) => ({
    field: { node, name, turn: (state.field?.turn ?? 0) + 1 },
    hidden: { ...state.hidden, inspector: false },
  }));
}
