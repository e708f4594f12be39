import { useConnection } from "@xyflow/react";
import { reasonAgainst } from "./connect";
import { useUi } from "./uiState";

/** At the pointer, while an edge is drawn: why it cannot end here. */
export function ConnectionHint() {
  const connecting = useUi((state) => state.connecting);
  const node = useConnection((state) => state.toHandle?.nodeId ?? "");
  const port = useConnection((state) => state.toHandle?.id ?? "");
  const x = useConnection((state) => (state.inProgress ? state.pointer.x : 0));
  const y = useConnection((state) => (state.inProgress ? state.pointer.y : 0));
  if (!connecting || !port) return null;
  const reason = reasonAgainst(connecting.from, { node, port }, connecting.targets);
  if (reason === null) return null;
  return (
    <div
      className="connection-hint"
      role="alert"
      style={{ transform: `translate(${x + 14}px, ${y + 14}px)` }}
    >
      {reason}
    </div>
  );
}
