/** Live views of what flows along an edge. The editor's dock and the dashboard use nothing else of this folder. */

export { judgeOf } from "./panel/judgement";
export { isPanelKind, KIND_NAMES, kindsFor, PANEL_KINDS, type PanelKind } from "./panel/kinds";
export { LivePanel, type LivePanelProps } from "./panel/LivePanel";
export { type PanelOptions, readOptions, savedOptions } from "./panel/options";
export { VerdictLamp } from "./panel/VerdictLamp";
