import { useEffect, useState } from "react";
import { control } from "../api/control";
import { loadCatalogue } from "../store/catalogue";
import { keepChecking } from "../store/checking";
import { keepDrafts } from "../store/drafts";
import { keepRunner } from "../store/runner";
import { Splitter } from "../ui/Splitter";
import { TopBar } from "../ui/TopBar";
import { onCopy, onPaste } from "./actions";
import { Canvas } from "./Canvas";
import { isTyping, onKey } from "./commands";
import { Dock } from "./Dock";
import { EditorBar } from "./EditorBar";
import "../ui/categories.css";
import "./editor.css";
import { EmptyHint } from "./EmptyHint";
import { changedElsewhere, openFile } from "./files";
import { Inspector } from "./Inspector";
import { Overlays } from "./Overlays";
import { Palette } from "./Palette";
import { SIZES, setSize, useUi } from "./uiState";

/** S2: draw a graph, set it, run it, see what flows. */
export default function EditorPage({ path }: { path: string | null }) {
  const [failed, setFailed] = useState<string | null>(null);
  useServices();
  useEffect(() => {
    setFailed(null);
    void openFile(path).then(setFailed);
  }, [path]);
  if (failed !== null)
    return (
      <div className="page">
        <TopBar title={path} />
        <main className="page-message" role="alert">
          <h2>{path} cannot be opened</h2>
          <p>{failed}</p>
          <a href="#/">Back to the home page</a>
        </main>
      </div>
    );
  return (
    <div className="page editor">
      <EditorBar />
      <Workspace />
      <Overlays />
    </div>
  );
}

function useServices(): void {
  useEffect(() => {
    void loadCatalogue();
    const ends = [
      keepDrafts(),
      keepChecking(),
      keepRunner(),
      control.on("saved", ({ path, revision, session }) => void changedElsewhere(path, revision, session)),
    ];
    const copy = (event: ClipboardEvent) => {
      if (!isTyping(event.target) && !getSelection()?.toString()) onCopy(event, false);
    };
    const cut = (event: ClipboardEvent) => {
      if (!isTyping(event.target)) onCopy(event, true);
    };
    const paste = (event: ClipboardEvent) => {
      if (!isTyping(event.target)) onPaste(event);
    };
    // Before the canvas sees them: to it Ctrl+Enter would be a click.
    addEventListener("keydown", onKey, { capture: true });
    document.addEventListener("copy", copy);
    document.addEventListener("cut", cut);
    document.addEventListener("paste", paste);
    return () => {
      for (const end of ends) end();
      removeEventListener("keydown", onKey, { capture: true });
      document.removeEventListener("copy", copy);
      document.removeEventListener("cut", cut);
      document.removeEventListener("paste", paste);
    };
  }, []);
}

function Workspace() {
  const sizes = useUi((state) => state.sizes);
  const hidden = useUi((state) => state.hidden);
  return (
    <div className="workspace">
      {!hidden.palette && (
        <div className="panel panel-left" style={{ width: sizes.palette }}>
          <Palette />
          <Splitter
            label="Width of the node types"
            side="left"
            size={sizes.palette}
            min={160}
            max={420}
            initial={SIZES.palette}
            onSize={(size) => setSize("palette", size)}
          />
        </div>
      )}
      <div className="workspace-middle">
        <main className="workspace-canvas">
          <Canvas />
          <EmptyHint />
        </main>
        {!hidden.dock && (
          <div className="panel panel-bottom" style={{ height: sizes.dock }}>
            <Splitter
              label="Height of the dock"
              side="bottom"
              size={sizes.dock}
              min={96}
              max={720}
              initial={SIZES.dock}
              onSize={(size) => setSize("dock", size)}
            />
            <Dock />
          </div>
        )}
      </div>
      {!hidden.inspector && (
        <div className="panel panel-right" style={{ width: sizes.inspector }}>
          <Splitter
            label="Width of the inspector"
            side="right"
            size={sizes.inspector}
            min={240}
            max={640}
            initial={SIZES.inspector}
            onSize={(size) => setSize("inspector", size)}
          />
          <Inspector />
        </div>
      )}
    </div>
  );
}
