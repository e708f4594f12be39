import { X } from "lucide-react";
import { lazy, memo, Suspense, useEffect, useRef } from "react";
import { useCatalogue } from "../store/catalogue";
import { useProblems } from "../store/checking";
import { useDocument, useEditor } from "../store/editor";
import { viewGraph } from "../store/graph";
import { usePipeline, useRunner } from "../store/runner";
import { useRuns } from "../store/runs";
import { viewsOf } from "../store/views";
import { IconButton } from "../ui/Button";
import { Tabs } from "../ui/Tabs";
import { currentPorts } from "./actions";
import { Problems } from "./Problems";
import { type DockTab, showDock, toggle, useUi } from "./uiState";

/** Below the canvas: live views of what is selected or pinned, problems, log. */
export const Dock = memo(function Dock() {
  const tab = useUi((state) => state.dock);
  const problems = useProblems().length;
  const refused = useRunner((state) => state.problems.length);
  const failed = usePipeline()?.state === "failed";
  const bad = problems + refused + (failed ? 1 : 0);
  return (
    <section className="dock" aria-label="Dock">
      <Tabs
        label="Dock"
        active={tab}
        onChange={(id) => showDock(id as DockTab)}
        aside={
          <IconButton icon={X} size={14} label="Hide the dock" keys="3" onClick={() => toggle("dock")} />
        }
        tabs={[
          { id: "live", label: "Live", panel: <Live /> },
          {
            id: "problems",
            label: <>Problems {bad > 0 && <span className="count count-bad">{bad}</span>}</>,
            panel: <Problems />,
          },
          { id: "log", label: "Log", panel: <Log /> },
        ]}
      />
    </section>
  );
});

/** The output that a selection is about: the edge's source, or a node's first output, or its input's source. */
function useProbed(): string | null {
  const document = useDocument();
  const types = useCatalogue((state) => state.types);
  const { nodes, edges } = useEditor((state) => state.selection);
  const view = viewGraph(document, types);
  const [edgeKey] = edges;
  const edge = view.edges.find((one) => one.key === edgeKey);
  if (edge) return `${edge.from.node}.${edge.from.port}`;
  const [key] = nodes;
  if (nodes.size !== 1 || key === undefined) return null;
  const output = currentPorts().get(key)?.outputs[0];
  if (output !== undefined) return `${key}.${output}`;
  const into = view.edges.find((one) => one.to.node === key);
  return into ? `${into.from.node}.${into.from.port}` : null;
}

/** The views are a part of the page that is only needed when something runs. */
const Probe = lazy(() => import("./Probe"));

function Live() {
  const pipeline = usePipeline();
  const pinned = viewsOf(useDocument());
  const probed = useProbed();
  const last = useRef<string | null>(null);
  useEffect(() => {
    if (probed !== null) last.current = probed;
  }, [probed]);
  const shown = probed ?? (pinned.length === 0 ? last.current : null);
  const own = shown === null || pinned.some((view) => view.output === shown);
  const views = own ? pinned : [...pinned, { output: shown, kind: "auto", options: {} }];
  if (!pipeline)
    return <p className="dock-note">Run the graph, then select an edge or a node to see what flows there.</p>;
  if (views.length === 0)
    return (
      <p className="dock-note">Select an edge or a node to see what flows there. A pin keeps its view.</p>
    );
  return (
    <div className="probes">
      <Suspense fallback={null}>
        {views.map((view) => (
          <Probe key={view.output} pipeline={pipeline.id} view={view} pinned={pinned} />
        ))}
      </Suspense>
    </div>
  );
}

function Log() {
  const id = useRunner((state) => state.id);
  const lines = useRuns((state) => (id === null ? undefined : state.logs[id]));
  const end = useRef<HTMLDivElement>(null);
  const stick = useRef(true);
  useEffect(() => {
    if (stick.current && lines) end.current?.scrollIntoView({ block: "end" });
  }, [lines]);
  if (!lines?.length) return <p className="dock-note">What nodes print, and what goes wrong, stands here.</p>;
  return (
    <div
      className="log"
      role="log"
      aria-label="Log"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
      tabIndex={0}
      onScroll={({ currentTarget: box }) => {
        stick.current = box.scrollHeight - box.scrollTop - box.clientHeight < 24;
      }}
    >
      {lines.slice(-400).map((line, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of a log have no names
        <div key={n} className="log-line" data-level={line.level}>
          <time>{new Date(line.time * 1000).toLocaleTimeString("en-GB")}</time>
          <span>{line.text}</span>
        </div>
      ))}
      <div ref={end} />
    </div>
  );
}
