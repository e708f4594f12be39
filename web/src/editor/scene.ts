/** The document as React Flow draws it: the same objects for everything that did not change. */
import { type Edge, type Node, Position } from "@xyflow/react";
import type { NodeType } from "../api/types";
import type { Selection } from "../store/editor";
import type { GraphEdge, GraphNode, GraphView, Ports, Types } from "../store/graph";
import type { Places } from "../store/layout";
import { PORT, portAt, size } from "./geometry";

export interface BlockData extends Record<string, unknown> {
  node: GraphNode;
  ports: Ports;
  type: NodeType | undefined;
}
export interface StreamData extends Record<string, unknown> {
  edge: GraphEdge;
}
export type BlockNode = Node<BlockData, "block">;
export type StreamEdge = Edge<StreamData, "stream">;

function handlesOf(ports: Ports): NonNullable<BlockNode["handles"]> {
  const side = (which: "inputs" | "outputs") =>
    ports[which].map((id, index) => {
      const { x, y } = portAt(ports, which, index);
      return {
        id,
        type: which === "inputs" ? ("target" as const) : ("source" as const),
        position: which === "inputs" ? Position.Left : Position.Right,
        x: x - PORT / 2,
        y: y - PORT / 2,
        width: PORT,
        height: PORT,
      };
    });
  return [...side("inputs"), ...side("outputs")];
}

const samePorts = (a: Ports, b: Ports) =>
  a.inputs.join() === b.inputs.join() && a.outputs.join() === b.outputs.join();

function label(node: GraphNode, type: NodeType | undefined): string {
  return `${node.id || "node without a name"}, ${node.type || "no type"}${type ? "" : ", not installed"}`;
}

export function buildNodes(
  before: readonly BlockNode[],
  view: GraphView,
  ports: ReadonlyMap<string, Ports>,
  places: Places,
  types: Types,
  selection: Selection,
): BlockNode[] {
  const old = new Map(before.map((one) => [one.id, one]));
  return view.nodes.map((node) => {
    const [x, y] = places.get(node.key) ?? [0, 0];
    const own = ports.get(node.key) ?? { inputs: [], outputs: [] };
    const type = types.get(node.type);
    const selected = selection.nodes.has(node.key);
    const last = old.get(node.key);
    const sameData =
      last && last.data.node === node && last.data.type === type && samePorts(last.data.ports, own);
    if (
      sameData &&
      last.selected === selected &&
      last.position.x === x &&
      last.position.y === y &&
      !last.dragging
    )
      return last;
    if (sameData) return { ...last, position: { x, y }, selected, dragging: false };
    const { width, height } = size(own);
    return {
      id: node.key,
      type: "block",
      position: { x, y },
      data: { node, ports: own, type },
      width,
      height,
      measured: { width, height },
      handles: handlesOf(own),
      selected,
      ariaLabel: label(node, type),
    };
  });
}

export function buildEdges(
  before: readonly StreamEdge[],
  view: GraphView,
  selection: Selection,
): StreamEdge[] {
  const old = new Map(before.map((one) => [one.id, one]));
  return view.edges.map((edge) => {
    const selected = selection.edges.has(edge.key);
    const last = old.get(edge.key);
    const same = last?.data?.edge.raw === edge.raw && last.data.edge.index === edge.index;
    if (same && last?.selected === selected) return last;
    return {
      id: edge.key,
      type: "stream",
      source: edge.from.node,
      sourceHandle: edge.from.port,
      target: edge.to.node,
      targetHandle: edge.to.port,
      data: { edge },
      selected,
      ariaLabel: `Edge from ${edge.from.node}.${edge.from.port} to ${edge.to.node}.${edge.to.port}`,
    };
  });
}
