import { LayoutDashboard, Maximize, Minimize, Pencil, Plus, Save, Share2, SquarePen } from "lucide-react";
import { useEffect, useState } from "react";
import { useConnection } from "../api/connection";
import { routeHref } from "../routes";
import { Button, IconButton } from "../ui/Button";
import { TopBar } from "../ui/TopBar";
import { AddPanel } from "./AddPanel";
import "./dashboard.css";
import { PanelGrid } from "./PanelGrid";
import { StateBar } from "./StateBar";
import {
  openDashboard,
  saveDashboard,
  setEditing,
  suggestAgain,
  useDashboard,
  useDashboardPipeline,
} from "./store";
import { ViewLink } from "./ViewLink";

/** The front panel of a pipeline (`p1`) or of a saved graph (`line1/hum.json`). */
export default function DashboardPage({ target }: { target: string | null }) {
  const role = useConnection((state) => state.role);
  const { error, panels, busy, document, path, editing, suggestion } = useDashboard();
  const pipeline = useDashboardPipeline();
  const [adding, setAdding] = useState(false);
  useEffect(() => {
    if (target) void openDashboard(target);
  }, [target]);
  const learned = Object.keys(pipeline?.outputs ?? {}).length;
  useEffect(() => {
    if (learned > 0) void suggestAgain();
  }, [learned]);
  const may = role === "edit";
  const name =
    typeof document?.name === "string" && document.name
      ? document.name
      : (path ?? pipeline?.name ?? "Dashboard");
  return (
    <div className="page dashboard">
      <TopBar title={name}>
        <Tools may={may} onAdd={() => setAdding(true)} />
      </TopBar>
      <StateBar pipeline={pipeline} may={may} />
      <main className="page-main dashboard-main">
        {!target && (
          <p className="dashboard-note">
            A dashboard belongs to a graph: open it from home or from the editor.
          </p>
        )}
        {error && (
          <p className="dashboard-note" role="alert">
            {error}
          </p>
        )}
        {suggestion && panels.length > 0 && may && (
          <p className="dashboard-hint">
            <LayoutDashboard size={14} aria-hidden="true" /> This graph has no dashboard yet. Edit arranges
            these panels, save keeps them with the graph.
          </p>
        )}
        {!error && !busy && document && panels.length === 0 && (
          <p className="dashboard-note">
            {may ? "No panels yet: edit, then add one." : "This dashboard has no panels yet."}
          </p>
        )}
        <PanelGrid pipeline={pipeline} editing={editing && may} may={may} />
      </main>
      {adding && <AddPanel onClose={() => setAdding(false)} />}
    </div>
  );
}

function Tools({ may, onAdd }: { may: boolean; onAdd: () => void }) {
  const { editing, dirty, busy, path, target, suggestion, panels } = useDashboard();
  const savable = !busy && (dirty || (suggestion && panels.length > 0));
  const [sharing, setSharing] = useState(false);
  return (
    <>
      <span className="dashboard-space" />
      {!may && <span className="dashboard-role">View only</span>}
      {may && editing && (
        <Button kind="plain" icon={Plus} onClick={onAdd}>
          Add panel
        </Button>
      )}
      {may && path && (editing || dirty) && (
        <Button
          kind={dirty ? "primary" : "plain"}
          icon={Save}
          disabled={!savable}
          onClick={() => void saveDashboard()}
        >
          Save
        </Button>
      )}
      {may && (
        <Button kind="plain" icon={Pencil} aria-pressed={editing} onClick={() => setEditing(!editing)}>
          {editing ? "Done" : "Edit"}
        </Button>
      )}
      {may && path && (
        <a
          className="icon-button"
          href={routeHref({ page: "edit", path })}
          aria-label="Open the graph"
          data-tip="Open the graph"
        >
          <SquarePen size={16} aria-hidden="true" />
        </a>
      )}
      {may && target && <IconButton icon={Share2} label="View-only link" onClick={() => setSharing(true)} />}
      <FullScreen />
      {sharing && target && <ViewLink target={target} onClose={() => setSharing(false)} />}
    </>
  );
}

function FullScreen() {
  const [on, setOn] = useState(false);
  useEffect(() => {
    const changed = () => setOn(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", changed);
    return () => document.removeEventListener("fullscreenchange", changed);
  }, []);
  if (!document.fullscreenEnabled) return null;
  const toggle = () => void (on ? document.exitFullscreen() : document.documentElement.requestFullscreen());
  return (
    <IconButton
      icon={on ? Minimize : Maximize}
      label={on ? "Leave full screen" : "Full screen"}
      onClick={toggle}
    />
  );
}
