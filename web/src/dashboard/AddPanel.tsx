import { useEffect, useId, useState } from "react";
import { api } from "../api/http";
import type { StreamInfo } from "../api/types";
import { isPanelKind, KIND_NAMES, kindsFor, type PanelKind } from "../live";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { addPanel, outputsOf } from "./model";
import { changePanels, useDashboard } from "./store";

/** Choose an output of the graph and how to see it. */
export function AddPanel({ onClose }: { onClose: () => void }) {
  const { document, path } = useDashboard();
  const outputs = document ? outputsOf(document) : [];
  const [edge, setEdge] = useState(outputs[0] ?? "");
  const [kind, setKind] = useState<PanelKind | "auto">("auto");
  const [infos, setInfos] = useState<Record<string, StreamInfo | null>>({});
  const id = useId();
  useEffect(() => {
    if (document)
      void api.validate(document, path).then(
        (answer) => setInfos(answer.outputs),
        () => setInfos({}),
      );
  }, [document, path]);
  const info = infos[edge];
  const kinds = info ? kindsFor(info.axis, info.rate, true) : [];
  const add = () => {
    changePanels((panels) => addPanel(panels, edge, kind));
    onClose();
  };
  return (
    <Dialog
      title="Add a panel"
      onClose={onClose}
      actions={
        <Button kind="primary" disabled={edge === ""} onClick={add}>
          Add
        </Button>
      }
    >
      <div className="add-panel">
        <label htmlFor={`${id}-edge`}>Output</label>
        <select id={`${id}-edge`} value={edge} onChange={(event) => setEdge(event.target.value)}>
          {outputs.map((output) => (
            <option key={output} value={output}>
              {output}
            </option>
          ))}
        </select>
        <label htmlFor={`${id}-kind`}>Seen as</label>
        <select
          id={`${id}-kind`}
          value={kind}
          onChange={(event) => setKind(isPanelKind(event.target.value) ? event.target.value : "auto")}
        >
          <option value="auto">What suits it</option>
          {kinds.map((one) => (
            <option key={one} value={one}>
              {KIND_NAMES[one]}
            </option>
          ))}
        </select>
      </div>
      {outputs.length === 0 && <p className="dashboard-note">The graph has no connections yet.</p>}
    </Dialog>
  );
}
