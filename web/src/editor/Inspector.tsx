import { memo } from "react";
import { useCatalogue } from "../store/catalogue";
import { useDocument, useEditor } from "../store/editor";
import { viewGraph } from "../store/graph";
import { Button } from "../ui/Button";
import { copySelected, duplicate, removeSelected, tidy } from "./actions";
import { EdgeInspector } from "./EdgeInspector";
import { GraphInspector } from "./GraphInspector";
import { NodeInspector } from "./NodeInspector";

/** At the right: what is selected, in full. Nothing selected: the graph itself. */
export const Inspector = memo(function Inspector() {
  const document = useDocument();
  const types = useCatalogue((state) => state.types);
  const selection = useEditor((state) => state.selection);
  const view = viewGraph(document, types);
  const nodes = view.nodes.filter((node) => selection.nodes.has(node.key));
  const edges = view.edges.filter((edge) => selection.edges.has(edge.key));
  const [node] = nodes;
  const [edge] = edges;
  return (
    <aside className="inspector" aria-label="Inspector">
      {nodes.length === 1 && node ? (
        <NodeInspector key={node.index} node={node} view={view} />
      ) : nodes.length > 1 ? (
        <Several count={nodes.length} />
      ) : edge ? (
        <EdgeInspector key={edge.key} edge={edge} />
      ) : (
        <GraphInspector view={view} />
      )}
    </aside>
  );
});

function Several({ count }: { count: number }) {
  return (
    <div className="inspector-body">
      <h2 className="inspector-title">{count} nodes selected</h2>
      <div className="button-column">
        <Button onClick={() => void tidy()}>Tidy them</Button>
        <Button onClick={duplicate}>Duplicate</Button>
        <Button onClick={() => void copySelected()}>Copy as JSON</Button>
        <Button kind="danger" onClick={removeSelected}>
          Delete
        </Button>
      </div>
    </div>
  );
}
