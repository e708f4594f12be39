/**
 * What a document says of nodes and edges, for drawing: nothing is lost or mended on the way.
 *
 * A node that is no object, has no id or one that is there twice still gets a place; an edge that leads to nowhere is left to
 * the list of problems.
 */
import type { GraphDocument, Json, JsonObject, NodeType } from "../api/types";
import { isObject } from "./patch";

export interface GraphNode {
  index: number;
  /** Unique in this document; the id wherever that is possible. */
  key: string;
  id: string;
  type: string;
  config: JsonObject;
  position: readonly [number, number] | null;
  raw: Json;
}

export interface End {
  /** Key of the node. */
  node: string;
  port: string;
}

export interface GraphEdge {
  index: number;
  key: string;
  from: End;
  to: End;
  raw: JsonObject;
}

export interface GraphView {
  nodes: readonly GraphNode[];
  edges: readonly GraphEdge[];
  byKey: ReadonlyMap<string, GraphNode>;
  /** Connections whose ends are not there, by index. */
  loose: readonly number[];
}

export type Types = ReadonlyMap<string, NodeType>;

const EMPTY: JsonObject = {};
const nodesOf = (document: GraphDocument): Json[] => (Array.isArray(document.nodes) ? document.nodes : []);
const connectionsOf = (document: GraphDocument): Json[] =>
  Array.isArray(document.connections) ? document.connections : [];

function positionOf(raw: Json): [number, number] | null {
  const metadata = isObject(raw) ? raw.metadata : null;
  const position = isObject(metadata) ? metadata.position : null;
  if (!Array.isArray(position) || position.length !== 2) return null;
  const [x, y] = position;
  return typeof x === "number" && typeof y === "number" ? [x, y] : null;
}

const known = new WeakMap<object, GraphNode>();

/** The same object as long as neither the node nor its place in the list changed, so that nothing is drawn anew. */
function viewNode(raw: Json, index: number, key: string): GraphNode {
  const cached = isObject(raw) ? known.get(raw) : undefined;
  if (cached && cached.index === index && cached.key === key) return cached;
  const object = isObject(raw) ? raw : EMPTY;
  const node: GraphNode = {
    index,
    key,
    id: typeof object.id === "string" ? object.id : "",
    type: typeof object.type === "string" ? object.type : "",
    config: isObject(object.config) ? object.config : EMPTY,
    position: positionOf(raw),
    raw,
  };
  if (isObject(raw)) known.set(raw, node);
  return node;
}

function viewNodes(document: GraphDocument): GraphNode[] {
  const taken = new Set<string>();
  return nodesOf(document).map((raw, index) => {
    const id = isObject(raw) && typeof raw.id === "string" ? raw.id : "";
    let key = id;
    for (let n = index; key === "" || taken.has(key); n++) key = `${id}#${n}`;
    taken.add(key);
    return viewNode(raw, index, key);
  });
}

/** `node` or `node.port`; a node's own name may have dots. Null: there is no such node. */
export function resolveEnd(
  text: Json | undefined,
  side: "inputs" | "outputs",
  byKey: ReadonlyMap<string, GraphNode>,
  types: Types,
): End | null {
  if (typeof text !== "string") return null;
  const whole = byKey.get(text);
  if (whole)
    return { node: text, port: types.get(whole.type)?.[side][0]?.name ?? (side === "inputs" ? "in" : "out") };
  const dot = text.lastIndexOf(".");
  const node = text.slice(0, dot);
  return dot > 0 && byKey.has(node) ? { node, port: text.slice(dot + 1) } : null;
}

/** `node`, or `node.port` where the node has several ports on that side (or one of another name). */
export function endText(
  end: End,
  side: "inputs" | "outputs",
  byKey: ReadonlyMap<string, GraphNode>,
  types: Types,
): string {
  const ports = types.get(byKey.get(end.node)?.type ?? "")?.[side];
  return ports?.length === 1 && ports[0]?.name === end.port ? end.node : `${end.node}.${end.port}`;
}

const views = new WeakMap<GraphDocument, { types: Types; view: GraphView }>();

export function viewGraph(document: GraphDocument, types: Types): GraphView {
  const cached = views.get(document);
  if (cached?.types === types) return cached.view;
  const nodes = viewNodes(document);
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  const edges: GraphEdge[] = [];
  const loose: number[] = [];
  const seen = new Map<string, number>();
  for (const [index, raw] of connectionsOf(document).entries()) {
    const from = isObject(raw) ? resolveEnd(raw.from, "outputs", byKey, types) : null;
    const to = isObject(raw) ? resolveEnd(raw.to, "inputs", byKey, types) : null;
    if (!isObject(raw) || !from || !to) {
      loose.push(index);
      continue;
    }
    const name = `${from.node}.${from.port}->${to.node}.${to.port}`;
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    edges.push({ index, key: times ? `${name}#${times}` : name, from, to, raw });
  }
  const view = { nodes, edges, byKey, loose };
  views.set(document, { types, view });
  return view;
}

export interface Ports {
  inputs: readonly string[];
  outputs: readonly string[];
}

/** Ports of every node: those of its type, and those that edges name besides (a type that is not installed, a wrong name). */
export function portsOf(view: GraphView, types: Types): ReadonlyMap<string, Ports> {
  const extra = new Map<string, { inputs: Set<string>; outputs: Set<string> }>();
  const note = (end: End, side: "inputs" | "outputs") => {
    const one = extra.get(end.node) ?? { inputs: new Set(), outputs: new Set() };
    extra.set(end.node, one);
    one[side].add(end.port);
  };
  for (const edge of view.edges) {
    note(edge.from, "outputs");
    note(edge.to, "inputs");
  }
  return new Map(
    view.nodes.map((node) => {
      const type = types.get(node.type);
      const named = extra.get(node.key);
      const inputs = new Set([...(type?.inputs.map((port) => port.name) ?? []), ...(named?.inputs ?? [])]);
      const outputs = new Set([...(type?.outputs.map((port) => port.name) ?? []), ...(named?.outputs ?? [])]);
      return [node.key, { inputs: [...inputs], outputs: [...outputs] }];
    }),
  );
}

/** Keys of the nodes that a change of `key` reaches: everything downstream, itself included. */
export function downstream(view: GraphView, key: string): Set<string> {
  const reached = new Set([key]);
  const queue = [key];
  for (let node = queue.pop(); node !== undefined; node = queue.pop())
    for (const edge of view.edges)
      if (edge.from.node === node && !reached.has(edge.to.node)) {
        reached.add(edge.to.node);
        queue.push(edge.to.node);
      }
  return reached;
}
