/** Everything the editor can be told by a key, the palette of commands, or the sheet of keys. */
import { finishTyping } from "../forms/widgets";
import { navigate } from "../routes";
import { redo, select, undo, useEditor } from "../store/editor";
import { apply, run, stop, useRunner } from "../store/runner";
import { isActive, useRuns } from "../store/runs";
import { useTheme } from "../theme/theme";
import {
  copySelected,
  currentPorts,
  duplicate,
  goTo,
  nodesFrom,
  removeSelected,
  selectAll,
  tidy,
} from "./actions";
import { exportJson, importJson, save } from "./files";
import { fitView, focusNode, zoomIn, zoomOut } from "./flow";
import { focusField, show, showDock, toggle, useUi } from "./uiState";

export interface Command {
  id: string;
  label: string;
  /** `Ctrl+Shift+Z`; the second one does the same. */
  keys?: readonly string[];
  group: "Graph" | "Edit" | "Run" | "View" | "File";
  run: () => void;
  /** Not shown in the list of commands: a key only. */
  hidden?: boolean;
}

export function selectedNode(): string | null {
  const { nodes } = useEditor.getState().selection;
  const [key] = nodes;
  return nodes.size === 1 && key !== undefined ? key : null;
}

function connectFrom(side: "inputs" | "outputs"): void {
  const node = selectedNode();
  const port = node === null ? undefined : currentPorts().get(node)?.[side][0];
  if (node !== null && port !== undefined) show({ kind: "connect", from: { node, port, side } });
}

function step(side: "inputs" | "outputs"): void {
  const node = selectedNode();
  const [next] = node === null ? [] : nodesFrom(node, side);
  if (next !== undefined) goTo(next);
}

function editParameters(): void {
  const node = selectedNode();
  if (node !== null) focusField(node, "");
}

export function runOrStop(): void {
  const { id } = useRunner.getState();
  void (isActive(id === null ? undefined : useRuns.getState().pipelines[id]) ? stop() : run());
}

const theme = (to: "light" | "dark" | "system") => () => useTheme.getState().setTheme(to);

export const COMMANDS: readonly Command[] = [
  {
    id: "commands",
    label: "All commands",
    keys: ["Ctrl+K"],
    group: "View",
    run: () => show({ kind: "commands" }),
  },
  {
    id: "add",
    label: "Add a node…",
    keys: ["A"],
    group: "Graph",
    run: () => show({ kind: "add", at: null, connect: null }),
  },
  {
    id: "connect",
    label: "Connect the output to…",
    keys: ["C"],
    group: "Graph",
    run: () => connectFrom("outputs"),
  },
  {
    id: "connectFrom",
    label: "Connect the input from…",
    keys: ["Shift+C"],
    group: "Graph",
    run: () => connectFrom("inputs"),
  },
  { id: "parameters", label: "Edit the parameters", keys: ["E", "F2"], group: "Graph", run: editParameters },
  {
    id: "next",
    label: "Go to the next node downstream",
    keys: ["]"],
    group: "Graph",
    run: () => step("outputs"),
  },
  {
    id: "previous",
    label: "Go to the node upstream",
    keys: ["["],
    group: "Graph",
    run: () => step("inputs"),
  },
  {
    id: "find",
    label: "Find in the graph…",
    keys: ["Ctrl+F"],
    group: "Graph",
    run: () => show({ kind: "find" }),
  },
  { id: "tidy", label: "Tidy the layout", keys: ["Shift+T"], group: "Graph", run: () => void tidy() },

  { id: "undo", label: "Undo", keys: ["Ctrl+Z"], group: "Edit", run: undo },
  { id: "redo", label: "Redo", keys: ["Ctrl+Shift+Z", "Ctrl+Y"], group: "Edit", run: redo },
  {
    id: "delete",
    label: "Delete what is selected",
    keys: ["Delete", "Backspace"],
    group: "Edit",
    run: removeSelected,
  },
  { id: "duplicate", label: "Duplicate", keys: ["Ctrl+D"], group: "Edit", run: duplicate },
  { id: "all", label: "Select all nodes", keys: ["Ctrl+A"], group: "Edit", run: selectAll },
  { id: "copy", label: "Copy as JSON", group: "Edit", run: () => void copySelected() },

  { id: "run", label: "Run, or stop", keys: ["Ctrl+Enter"], group: "Run", run: runOrStop },
  {
    id: "apply",
    label: "Apply the edits to what runs",
    keys: ["Ctrl+Shift+Enter"],
    group: "Run",
    run: () => void apply(),
  },

  { id: "save", label: "Save", keys: ["Ctrl+S"], group: "File", run: () => void save() },
  {
    id: "saveAs",
    label: "Save as…",
    keys: ["Ctrl+Shift+S"],
    group: "File",
    run: () => show({ kind: "saveAs" }),
  },
  { id: "open", label: "Open a graph…", keys: ["Ctrl+O"], group: "File", run: () => show({ kind: "open" }) },
  { id: "new", label: "New graph", group: "File", run: () => navigate({ page: "edit", path: null }) },
  {
    id: "json",
    label: "Show the graph as JSON",
    keys: ["Ctrl+J"],
    group: "File",
    run: () => show({ kind: "json" }),
  },
  { id: "import", label: "Import JSON…", group: "File", run: importJson },
  { id: "export", label: "Export JSON", group: "File", run: exportJson },

  { id: "fit", label: "Show the whole graph", keys: ["F"], group: "View", run: () => fitView() },
  { id: "in", label: "Zoom in", keys: ["+"], group: "View", run: zoomIn },
  { id: "out", label: "Zoom out", keys: ["-"], group: "View", run: zoomOut },
  {
    id: "palette",
    label: "Show or hide the node types",
    keys: ["1"],
    group: "View",
    run: () => toggle("palette"),
  },
  {
    id: "inspector",
    label: "Show or hide the inspector",
    keys: ["2"],
    group: "View",
    run: () => toggle("inspector"),
  },
  { id: "dock", label: "Show or hide the dock", keys: ["3"], group: "View", run: () => toggle("dock") },
  { id: "problems", label: "Show the problems", keys: ["P"], group: "View", run: () => showDock("problems") },
  {
    id: "minimap",
    label: "Show or hide the overview",
    keys: ["M"],
    group: "View",
    run: () => useUi.setState(({ minimap }) => ({ minimap: !minimap })),
  },
  { id: "light", label: "Light theme", group: "View", run: theme("light") },
  { id: "dark", label: "Dark theme", group: "View", run: theme("dark") },
  { id: "system", label: "Theme of the system", group: "View", run: theme("system") },
  { id: "keys", label: "All keys", keys: ["?"], group: "View", run: () => show({ kind: "shortcuts" }) },
  { id: "home", label: "Go to the home page", group: "View", run: () => navigate({ page: "home" }) },
];

const NAMED: Record<string, string> = { Delete: "Delete", Backspace: "Backspace", Enter: "Enter", F2: "F2" };

/** The keys of an event as the commands write them. */
export function keysOf(
  event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">,
): string {
  const { key } = event;
  const letter = /^[a-z]$/i.test(key);
  const parts = [
    event.ctrlKey || event.metaKey ? "Ctrl" : "",
    event.altKey ? "Alt" : "",
    // Of other signs the shift is a part: `?` is `?`.
    event.shiftKey && (letter || key in NAMED) ? "Shift" : "",
    NAMED[key] ?? (letter ? key.toUpperCase() : key),
  ];
  return parts.filter(Boolean).join("+");
}

/** Whether keys belong to what has the focus: a field, a list, a dialog. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest("dialog, [role='menu']")) return true;
  if (target instanceof HTMLInputElement) return target.type !== "checkbox";
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Keys that hold in fields, too. */
const EVERYWHERE = new Set([
  "Ctrl+K",
  "Ctrl+S",
  "Ctrl+Shift+S",
  "Ctrl+Enter",
  "Ctrl+Shift+Enter",
  "Ctrl+O",
  "Ctrl+J",
  "Ctrl+F",
]);

/** Out of a field back to its node on the canvas; there, nothing is selected any more. */
function onEscape(event: KeyboardEvent): void {
  const key = selectedNode();
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (target?.closest("dialog, [role='menu'], .react-flow__node")) return;
  if (target?.closest(".inspector, .palette, .dock")) {
    finishTyping();
    focusNode(key);
  } else select([]);
}

export function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || useUi.getState().overlay !== null) return;
  const keys = keysOf(event);
  if (keys === "Escape") {
    onEscape(event);
    return;
  }
  if (isTyping(event.target) && !EVERYWHERE.has(keys)) return;
  const command = COMMANDS.find((one) => one.keys?.includes(keys));
  if (!command) return;
  event.preventDefault();
  event.stopPropagation();
  finishTyping();
  command.run();
}
