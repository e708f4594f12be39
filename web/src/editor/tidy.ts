/** Layout by dagre, in a file of its own that is fetched when it is needed. Rows follow the order of the ports. */
import dagre from "@dagrejs/dagre";
import type { Point } from "../store/commands";
import type { GraphView, Ports } from "../store/graph";
import type { Places } from "../store/layout";
import { size } from "./geometry";

export function tidyPlaces(
  view: GraphView,
  keys: ReadonlySet<string>,
  before: Places,
  portsOf: (key: string) => Ports,
): Places {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 28, ranksep: 76, ranker: "network-simplex" });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of view.nodes)
    if (keys.has(node.key)) graph.setNode(node.key, { ...size(portsOf(node.key)) });
  for (const edge of view.edges)
    if (keys.has(edge.from.node) && keys.has(edge.to.node) && edge.from.node !== edge.to.node)
      graph.setEdge(edge.from.node, edge.to.node, {}, edge.key);
  dagre.layout(graph);
  const corner = (places: Iterable<Point>): Point => {
    const all = [...places];
    return [Math.min(...all.map(([x]) => x)), Math.min(...all.map(([, y]) => y))];
  };
  const raw = new Map(
    graph.nodes().map((key) => {
      const { x, y, width, height } = graph.node(key);
      return [key, [x - width / 2, y - height / 2] as const];
    }),
  );
  if (raw.size === 0) return raw;
  // The part stays where it was, its upper left corner in place.
  const [toX, toY] = corner([...before].filter(([key]) => keys.has(key)).map(([, at]) => at));
  const [fromX, fromY] = corner(raw.values());
  return new Map(
    [...raw].map(([key, [x, y]]) => [key, [Math.round(x - fromX + toX), Math.round(y - fromY + toY)]]),
  );
}
