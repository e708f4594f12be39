import {
  Braces,
  ChevronDown,
  CircleQuestionMark,
  Command as CommandIcon,
  Download,
  FilePlus,
  FolderOpen,
  LayoutDashboard,
  Network,
  Play,
  Redo2,
  RefreshCw,
  Save,
  SaveAll,
  Square,
  Undo2,
  Upload,
} from "lucide-react";
import { memo } from "react";
import { useConnection } from "../api/connection";
import { navigate, routeHref } from "../routes";
import { redo, undo, useEditor } from "../store/editor";
import { apply, run, stop, usePipeline, useRunner } from "../store/runner";
import { isActive } from "../store/runs";
import { Button, IconButton } from "../ui/Button";
import { Menu } from "../ui/Menu";
import { TopBar } from "../ui/TopBar";
import { tidy } from "./actions";
import { exportJson, importJson, save } from "./files";
import { RunState } from "./RunState";
import { show } from "./uiState";

export const EditorBar = memo(function EditorBar() {
  return (
    <TopBar title={<FileMenu />}>
      <HistoryButtons />
      <span className="bar-line" />
      <RunButtons />
      <RunState />
      <span className="bar-space" />
      <DashboardLink />
      <IconButton
        icon={CommandIcon}
        label="Commands"
        keys="Ctrl+K"
        onClick={() => show({ kind: "commands" })}
      />
      <IconButton
        icon={CircleQuestionMark}
        label="Keys"
        keys="?"
        onClick={() => show({ kind: "shortcuts" })}
      />
    </TopBar>
  );
});

function FileMenu() {
  const path = useEditor((state) => state.path);
  const dirty = useEditor((state) => state.dirty);
  const parts = path?.split("/") ?? [];
  const name = parts.pop() ?? "New graph";
  return (
    <Menu
      label={`${path ?? "New graph"}${dirty ? ", not saved" : ""}: file`}
      button={
        <span className="file-name">
          {parts.length > 0 && <span className="file-folder">{parts.join("/")}/</span>}
          {name}
          {dirty && <span className="file-dirty" title="Not saved" />}
          <ChevronDown size={14} aria-hidden="true" />
        </span>
      }
      items={[
        { label: "New graph", icon: FilePlus, onSelect: () => navigate({ page: "edit", path: null }) },
        { label: "Open…", icon: FolderOpen, keys: "Ctrl+O", onSelect: () => show({ kind: "open" }) },
        { label: "Save", icon: Save, keys: "Ctrl+S", onSelect: () => void save(), line: true },
        { label: "Save as…", icon: SaveAll, keys: "Ctrl+Shift+S", onSelect: () => show({ kind: "saveAs" }) },
        { label: "Import JSON…", icon: Upload, onSelect: importJson, line: true },
        { label: "Export JSON", icon: Download, onSelect: exportJson },
        { label: "Show as JSON", icon: Braces, keys: "Ctrl+J", onSelect: () => show({ kind: "json" }) },
      ]}
    />
  );
}

function HistoryButtons() {
  const back = useEditor((state) => state.history.past.at(-1)?.label);
  const forth = useEditor((state) => state.history.future[0]?.label);
  const dirty = useEditor((state) => state.dirty);
  return (
    <>
      <IconButton icon={Save} label="Save" keys="Ctrl+S" disabled={!dirty} onClick={() => void save()} />
      <IconButton
        icon={Undo2}
        label={back ? `Undo: ${back}` : "Undo"}
        keys="Ctrl+Z"
        disabled={!back}
        onClick={undo}
      />
      <IconButton
        icon={Redo2}
        label={forth ? `Redo: ${forth}` : "Redo"}
        keys="Ctrl+Shift+Z"
        disabled={!forth}
        onClick={redo}
      />
      <IconButton icon={Network} label="Tidy the layout" keys="Shift+T" onClick={() => void tidy()} />
    </>
  );
}

function RunButtons() {
  const pipeline = usePipeline();
  const busy = useRunner((state) => state.busy);
  const count = useRunner((state) => state.pending.nodes.size + (state.pending.rest ? 1 : 0));
  const view = useConnection((state) => state.role === "view");
  const applying = useRunner((state) => state.applying);
  const active = isActive(pipeline) || applying;
  if (view) return <span className="bar-note">View only</span>;
  return (
    <>
      {active ? (
        <Button
          kind="danger"
          icon={Square}
          keys="Ctrl+Enter"
          disabled={busy || pipeline?.state === "stopping"}
          onClick={() => void stop()}
        >
          Stop
        </Button>
      ) : (
        <Button kind="primary" icon={Play} keys="Ctrl+Enter" disabled={busy} onClick={() => void run()}>
          Run
        </Button>
      )}
      {active && count > 0 && (
        <Button
          kind="warn"
          icon={RefreshCw}
          keys="Ctrl+Shift+Enter"
          disabled={busy}
          onClick={() => void apply()}
        >
          Apply
        </Button>
      )}
    </>
  );
}

function DashboardLink() {
  const path = useEditor((state) => state.path);
  const pipeline = usePipeline();
  const target = path ?? pipeline?.id;
  if (!target) return null;
  return (
    <a
      className="icon-button"
      href={routeHref({ page: "dashboard", target })}
      aria-label="Dashboard"
      data-tip="Dashboard"
    >
      <LayoutDashboard size={16} aria-hidden="true" />
    </a>
  );
}
