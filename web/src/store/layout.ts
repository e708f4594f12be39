/**
 * Places for nodes that have none: layers from left to right by the longest way, rows ordered by their neighbours.
 *
 * Good enough for a thumbnail and for a graph that was written by hand; "Tidy" does better with dagre.
 */
import type { GraphView } from "./graph";

export type Places = ReadonlyMap<string, readonly [number, number]>;
export interface Size {
  width: number;
  height: number;
}

export interface Gaps {
  x: number;
  y: number;
}

const GAPS: Gaps = { x: 72, y: 28 };

/** Number of the layer of each node: one more than the furthest of its inputs. Cycles are cut where they are met. */
function layers(view: GraphView): Map<string, number> {
  const into = new Map<string, string[]>();
  for (const edge of view.edges) into.set(edge.to.node, [...(into.get(edge.to.node) ?? []), edge.from.node]);
  const layer = new Map<string, number>();
  const open = new Set<string>();
  const visit = (key: string): number => {
    const found = layer.get(key);
    if (found !== undefined) return found;
    if (open.has(key)) return -1;
    open.add(key);
    const value = Math.max(-1, ...(into.get(key) ?? []).map(visit)) + 1;
    open.delete(key);
    layer.set(key, value);
    return value;
  };
  for (const node of view.nodes) visit(node.key);
  return layer;
}

export function layered(view: GraphView, sizeOf: (key: string) => Size, gaps: Gaps = GAPS): Places {
  const layer = layers(view);
  const columns: string[][] = [];
  for (const node of view.nodes) {
    const n = layer.get(node.key) ?? 0;
    const column = columns[n] ?? [];
    columns[n] = column;
    column.push(node.key);
  }
  const neighbours = new Map<string, string[]>();
  for (const edge of view.edges)
    neighbours.set(edge.to.node, [...(neighbours.get(edge.to.node) ?? []), edge.from.node]);
  const middle = new Map<string, number>();
  const places = new Map<string, readonly [number, number]>();
  let x = 0;
  for (const column of columns) {
    if (!column) continue;
    const wish = (key: string): number => {
      const around = (neighbours.get(key) ?? []).flatMap((one) => middle.get(one) ?? []);
      return around.length ? around.reduce((sum, y) => sum + y, 0) / around.length : 0;
    };
    const order = column
      .map((key, n) => ({ key, n, y: wish(key) }))
      .toSorted((a, b) => a.y - b.y || a.n - b.n);
    const total = order.reduce((sum, { key }) => sum + sizeOf(key).height + gaps.y, -gaps.y);
    const centre = order.reduce((sum, { y }) => sum + y, 0) / order.length;
    let y = centre - total / 2;
    for (const { key } of order) {
      const { height } = sizeOf(key);
      places.set(key, [Math.round(x), Math.round(y)]);
      middle.set(key, y + height / 2);
      y += height + gaps.y;
    }
    x += Math.max(...column.map((key) => sizeOf(key).width)) + gaps.x;
  }
  return places;
}

/** Where each node is drawn: its own place, or, when some have none, beside those that have. */
export function placesOf(view: GraphView, sizeOf: (key: string) => Size): Places {
  const missing = view.nodes.filter((node) => !node.position);
  if (missing.length === 0)
    return new Map(view.nodes.flatMap((node) => (node.position ? [[node.key, node.position] as const] : [])));
  const auto = layered(view, sizeOf);
  if (missing.length === view.nodes.length) return auto;
  // Some were placed by hand: the rest stands under them, in the order that the layers have.
  const placed = view.nodes.filter((node) => node.position);
  const left = Math.min(...placed.map((node) => node.position?.[0] ?? 0));
  const below =
    Math.max(...placed.map((node) => (node.position?.[1] ?? 0) + sizeOf(node.key).height)) + GAPS.y;
  const corner: [number, number] = [
    Math.min(...missing.map((node) => auto.get(node.key)?.[0] ?? 0)),
    Math.min(...missing.map((node) => auto.get(node.key)?.[1] ?? 0)),
  ];
  return new Map(
    view.nodes.map((node) => {
      const [x, y] = auto.get(node.key) ?? [0, 0];
      return [node.key, node.position ?? [x - corner[0] + left, y - corner[1] + below]];
    }),
  );
}
