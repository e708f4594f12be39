import { Play } from "lucide-react";
import { useState } from "react";
import type { GraphEntry } from "../api/types";
import { routeHref } from "../routes";
import { pipelineOf, useRuns } from "../store/runs";
import { IconButton } from "../ui/Button";
import { ago } from "../ui/format";
import { VerdictChip } from "../ui/VerdictChip";
import { runGraph } from "./starts";

/** Shown at first; more on demand. */
const FEW = 8;

/** Graphs of the project, the newest first. */
export function Graphs({ graphs }: { graphs: readonly GraphEntry[] | null }) {
  const pipelines = useRuns((state) => state.pipelines);
  const [all, setAll] = useState(false);
  if (!graphs || graphs.length === 0) return null;
  const shown = all ? graphs : graphs.slice(0, FEW);
  return (
    <section className="home-section" id="graphs" aria-label="Graphs of this project">
      <h2>Graphs of this project</h2>
      <ul className="graphs">
        {shown.map((graph) => {
          const pipeline = pipelineOf(pipelines, graph.path);
          return (
            <li key={graph.path}>
              <a className="graph" href={routeHref({ page: "edit", path: graph.path })}>
                <span className="graph-name">{graph.path.replace(/\.json$/, "")}</span>
                <span className="graph-about">
                  {graph.about || (graph.nodes === 1 ? "1 node" : `${graph.nodes} nodes`)}
                </span>
                {pipeline?.state === "running" && <span className="graph-running">running</span>}
                {pipeline?.verdict && <VerdictChip outcome={pipeline.verdict} />}
                <span className="graph-time">{ago(graph.modified)}</span>
              </a>
              <IconButton
                icon={Play}
                size={14}
                label={`Open and run ${graph.path}`}
                onClick={() => runGraph(graph.path)}
              />
            </li>
          );
        })}
      </ul>
      {graphs.length > FEW && (
        <button type="button" className="link-button home-more" onClick={() => setAll(!all)}>
          {all ? "Show fewer" : `Show all ${graphs.length}`}
        </button>
      )}
    </section>
  );
}
