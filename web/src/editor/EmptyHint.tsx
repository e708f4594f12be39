import { Plus } from "lucide-react";
import { useDocument } from "../store/editor";
import { Button } from "../ui/Button";
import { show } from "./uiState";

/** On an empty canvas: how to begin. */
export function EmptyHint() {
  const { nodes } = useDocument();
  if (Array.isArray(nodes) && nodes.length > 0) return null;
  return (
    <div className="empty">
      <h2>An empty graph</h2>
      <p>
        Drag a node type from the left, or press A to search for one. Then draw an edge from an output to an
        input.
      </p>
      <Button
        kind="primary"
        icon={Plus}
        keys="A"
        onClick={() => show({ kind: "add", at: null, connect: null })}
      >
        Add a node
      </Button>
    </div>
  );
}
