import { useState } from "react";
import { currentDocument, textOf, useDocument, useEditor } from "../store/editor";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { COMMANDS } from "./commands";
import { replaceBy, saveAs } from "./files";
import { closeOverlay } from "./uiState";

const GROUPS = ["Graph", "Edit", "Run", "View", "File"] as const;

/** Keys that no command has: those of the canvas. */
const CANVAS: readonly [string, string][] = [
  ["Tab", "From node to node and edge to edge"],
  ["Space, Enter", "Select what has the focus"],
  ["Arrows", "Move the selected nodes (Shift: further)"],
  ["Shift + drag", "Select several"],
  ["Ctrl+C, X, V", "Copy, cut, paste as JSON"],
  ["Escape", "Select nothing, close what is open"],
];

export function ShortcutSheet() {
  return (
    <Dialog title="Keys" wide onClose={closeOverlay}>
      <div className="keys">
        {GROUPS.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {COMMANDS.filter((one) => one.group === group && one.keys).map((one) => (
                <div key={one.id}>
                  <dt>
                    {one.keys?.map((keys) => (
                      <kbd key={keys}>{keys}</kbd>
                    ))}
                  </dt>
                  <dd>{one.label}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h3>Canvas</h3>
          <dl>
            {CANVAS.map(([keys, text]) => (
              <div key={keys}>
                <dt>
                  <kbd>{keys}</kbd>
                </dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}

/** The document as text, to be read, copied or edited; taking it over is one step of the history. */
export function JsonDialog() {
  const document = useDocument();
  const [text, setText] = useState(() => textOf(document));
  const [problem, setProblem] = useState<string | null>(null);
  const take = () => {
    const wrong = replaceBy(text, "Edit the JSON");
    setProblem(wrong);
    if (wrong === null) closeOverlay();
  };
  return (
    <Dialog
      title="The graph as JSON"
      wide
      onClose={closeOverlay}
      actions={
        <>
          <Button onClick={() => void navigator.clipboard.writeText(text)}>Copy</Button>
          <span className="bar-space" />
          <Button onClick={closeOverlay}>Cancel</Button>
          <Button kind="primary" onClick={take}>
            Take over
          </Button>
        </>
      }
    >
      <textarea
        className="json"
        aria-label="JSON of the graph"
        aria-invalid={problem !== null || undefined}
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      {problem && (
        <p className="field-wrong" role="alert">
          {problem}
        </p>
      )}
    </Dialog>
  );
}

function suggestion(path: string | null, name: unknown): string {
  if (path) return path;
  const stem = typeof name === "string" ? name.trim().replace(/[^\w-]+/g, "_") : "";
  return `${stem || "graph"}.json`;
}

export function SaveAsDialog() {
  const path = useEditor((state) => state.path);
  const [name, setName] = useState(() => suggestion(path, currentDocument().name));
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    await saveAs(name.trim());
    setBusy(false);
  };
  return (
    <Dialog
      title="Save as"
      onClose={closeOverlay}
      actions={
        <>
          <Button onClick={closeOverlay}>Cancel</Button>
          <Button kind="primary" disabled={busy || !name.trim()} onClick={() => void submit()}>
            Save
          </Button>
        </>
      }
    >
      <label className="stacked">
        Name in the project
        <input
          className="text-input"
          data-first
          value={name}
          spellCheck={false}
          // The name without its ending is marked: typing replaces it.
          onFocus={(event) =>
            event.currentTarget.setSelectionRange(
              0,
              name.lastIndexOf(".") > 0 ? name.lastIndexOf(".") : name.length,
            )
          }
          onChange={(event) => setName(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && name.trim()) void submit();
          }}
        />
      </label>
      <p className="dialog-text">
        Folders are made by a slash: <code>line1/hum.json</code>.
      </p>
    </Dialog>
  );
}
