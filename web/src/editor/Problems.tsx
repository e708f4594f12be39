import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { Problem } from "../api/types";
import { placeOf, useChecking, useProblems } from "../store/checking";
import { select } from "../store/editor";
import { usePipeline, useRunner } from "../store/runner";
import { currentView, goTo } from "./actions";
import { reveal } from "./flow";
import { focusField } from "./uiState";

const NONE: readonly Problem[] = [];

/** Select what a problem is about, and put the cursor into its field. */
export function jumpTo(problem: Problem): void {
  const place = placeOf(problem);
  const view = currentView();
  const node = view.nodes.find((one) => one.index === place.node) ?? view.byKey.get(problem.node);
  const edge = view.edges.find((one) => one.index === place.connection);
  if (node) {
    goTo(node.key);
    focusField(node.key, place.field ?? (problem.pointer.endsWith("/id") ? "id" : ""));
  } else if (edge) {
    select([], [edge.key]);
    reveal(edge.from.node);
  } else select([]);
}

/** All problems of the graph, of the last Run or Apply, and of the run itself. Each jumps to its node and field. */
export function Problems() {
  const problems = useProblems();
  const notices = useChecking((state) => state.validation?.notices ?? NONE);
  const refused = useRunner((state) => state.problems);
  const error = useRunner((state) => state.error);
  const failure = usePipeline()?.error ?? null;
  const checkError = useChecking((state) => state.error);
  const known = new Set(problems.map((one) => one.pointer + one.message));
  const all = [...problems, ...refused.filter((one) => !known.has(one.pointer + one.message))];
  const alone = error && refused.length === 0 ? error : "";
  if (all.length + notices.length === 0 && !failure && !alone && !checkError)
    return (
      <p className="dock-note">
        <CircleCheck size={14} aria-hidden="true" /> No problems.
      </p>
    );
  return (
    <ul className="problems">
      {failure && (
        <li>
          <button
            type="button"
            className="problem"
            data-kind="failed"
            onClick={() => failure.node && goTo(failure.node)}
          >
            <CircleAlert size={14} aria-hidden="true" />
            <span className="problem-place">{failure.node ?? "run"}</span>
            <span className="problem-text">
              {failure.message}
              {failure.hint && !failure.message.includes(failure.hint) && <em>{failure.hint}</em>}
            </span>
          </button>
          {failure.trace && (
            <details className="trace">
              <summary>Traceback</summary>
              <pre>{failure.trace}</pre>
            </details>
          )}
        </li>
      )}
      {[alone, checkError].filter(Boolean).map((text) => (
        <li key={text} className="problem" data-kind="failed">
          <CircleAlert size={14} aria-hidden="true" />
          <span className="problem-place">server</span>
          <span className="problem-text">{text}</span>
        </li>
      ))}
      {[...all, ...notices].map((problem) => (
        <li key={`${problem.pointer} ${problem.message}`}>
          <button
            type="button"
            className="problem"
            data-kind={notices.includes(problem) ? "notice" : "problem"}
            onClick={() => jumpTo(problem)}
          >
            {notices.includes(problem) ? (
              <Info size={14} aria-label="Notice" />
            ) : (
              <TriangleAlert size={14} aria-label="Problem" />
            )}
            <span className="problem-place">{problem.node || problem.pointer || "graph"}</span>
            <span className="problem-text">
              {problem.message}
              {expectation(problem)}
              {problem.hint && <em>{problem.hint}</em>}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function expectation({ expected, found }: Problem): string {
  if (expected && found) return `: expected ${expected}, found ${found}`;
  return expected ? `: expected ${expected}` : "";
}
