/** Small answers that nodes and edges of the canvas select for themselves, so that a figure redraws one badge. */
import type { EdgeMetrics, NodeMetrics, Problem } from "../api/types";
import { useChecking } from "../store/checking";
import { useRunner } from "../store/runner";
import { useRuns } from "../store/runs";

export function useNodeMetrics(key: string): NodeMetrics | undefined {
  const id = useRunner((state) => state.id);
  return useRuns((state) => (id === null ? undefined : state.metrics[id]?.nodes[key]));
}

/** Id of an edge as plans and figures have it, from the ports at its ends. */
export function useEdgeMetrics(key: string): EdgeMetrics | undefined {
  const id = useRunner((state) => state.id);
  const name = useChecking(
    (state) => state.validation?.edges.find((edge) => `${edge.from}->${edge.to}` === key)?.id,
  );
  return useRuns((state) => (id === null || name === undefined ? undefined : state.metrics[id]?.edges[name]));
}

/** First problem of a node, and how many there are. */
export function useNodeProblem(index: number): { text: string; count: number } | null {
  const text = useChecking((state) => first(state.validation?.problems, index));
  const refused = useRunner((state) => first(state.problems, index));
  const found = text || refused;
  if (!found) return null;
  const cut = found.indexOf("\n");
  return { count: Number(found.slice(0, cut)), text: found.slice(cut + 1) };
}

function first(problems: readonly Problem[] | undefined, index: number): string {
  const prefix = `/nodes/${index}`;
  const own = (problems ?? []).filter(
    ({ pointer }) => pointer === prefix || pointer.startsWith(`${prefix}/`),
  );
  return own[0] ? `${own.length}\n${own[0].message}` : "";
}

export function useRunError(key: string): string | null {
  const id = useRunner((state) => state.id);
  return useRuns((state) => {
    const error = id === null ? null : state.pipelines[id]?.error;
    return error && error.node === key ? error.message : null;
  });
}
