/** Live views of what flows along an edge. The editor's dock and the dashboard use nothing else of this folder. */
import type { ViewKind } from "../api/types";

export interface LivePanelProps {
  /** Id of the pipeline. */
  pipeline: string;
  /** The output that is shown: `node.port`. */
  edge: string;
  /** What to draw; by the stream's own axis when it is not given. */
  kind?: ViewKind | "auto";
}

export function LivePanel({ edge }: LivePanelProps) {
  return <figure className="live-panel" aria-label={`Live view of ${edge}`} />;
}
