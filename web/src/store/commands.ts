/** Edits of a graph as patches of its document: what the editor can do, without the editor. */
import type { GraphDocument, Json, JsonObject } from "../api/types";
import type { GraphNode, GraphView } from "./graph";
import { isObject, type Patch } from "./patch";

export type Point = readonly [number, number];

/** An id that is not taken: the wanted one, or with a number: `amp`, `amp_2`, ... */
export function freeId(taken: ReadonlySet<string>, wanted: string): string {
  if (!taken.has(wanted)) return wanted;
  const stem = wanted.replace(/_\d+$/, "");
  for (let n = 2; ; n++) if (!taken.has(`${stem}_${n}`)) return `${stem}_${n}`;
}

/** What a new node of a type is called: `SineGenerator` -> `sine_generator`. */
export function idForType(taken: ReadonlySet<string>, type: string): string {
  const name = type
    .replace(/([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])/g, "$1$3_$2$4")
    .replace(/[^\w-]+/g, "_")
    .toLowerCase();
  return freeId(taken, name || "node");
}

/** All texts that another id must not collide with. */
export function idsOf(view: GraphView): Set<string> {
  return new Set(view.nodes.flatMap((node) => [node.id, node.key]));
}

function list(document: GraphDocument, key: "nodes" | "connections"): { length: number; patches: Patch[] } {
  const value = document[key];
  if (Array.isArray(value)) return { length: value.length, patches: [] };
  return { length: 0, patches: [{ op: "set", path: [key], value: [] }] };
}

export function addNodes(document: GraphDocument, nodes: readonly JsonObject[]): Patch[] {
  const { length, patches } = list(document, "nodes");
  return [
    ...patches,
    ...nodes.map((value, n): Patch => ({ op: "insert", path: ["nodes", length + n], value })),
  ];
}

export function newNode(id: string, type: string, at: Point | null, config: JsonObject = {}): JsonObject {
  const node: JsonObject = { id, type };
  if (Object.keys(config).length > 0) node.config = config;
  if (at) node.metadata = { position: [Math.round(at[0]), Math.round(at[1])] };
  return node;
}

export function addConnections(document: GraphDocument, connections: readonly JsonObject[]): Patch[] {
  const { length, patches } = list(document, "connections");
  return [
    ...patches,
    ...connections.map((value, n): Patch => ({ op: "insert", path: ["connections", length + n], value })),
  ];
}

/** Remove nodes with what is connected to them, and edges. */
export function removeItems(
  view: GraphView,
  nodes: ReadonlySet<string>,
  edges: ReadonlySet<string>,
): Patch[] {
  const gone = view.edges.filter(
    (edge) => edges.has(edge.key) || nodes.has(edge.from.node) || nodes.has(edge.to.node),
  );
  const fromTheEnd = (a: { index: number }, b: { index: number }) => b.index - a.index;
  const remove =
    (key: string) =>
    ({ index }: { index: number }): Patch => ({ op: "remove", path: [key, index] });
  return [
    ...gone.toSorted(fromTheEnd).map(remove("connections")),
    ...view.nodes
      .filter((node) => nodes.has(node.key))
      .toSorted(fromTheEnd)
      .map(remove("nodes")),
  ];
}

/** Where a new key goes among those that are there: before the first one that comes later in `order`. */
export function placeFor(object: JsonObject, key: string, order: readonly string[]): number {
  const rank = order.indexOf(key);
  const keys = Object.keys(object);
  if (rank < 0) return keys.length;
  const later = keys.findIndex((one) => order.indexOf(one) > rank);
  return later < 0 ? keys.length : later;
}

const NODE_KEYS = ["id", "type", "config", "on_error", "isolate", "executor", "join", "metadata"];
const EDGE_KEYS = ["from", "to", "capacity", "policy", "metadata"];
const DOCUMENT_KEYS = ["version", "name", "metadata", "pipeline_config", "nodes", "connections"];

function setKey(
  object: JsonObject,
  path: Patch["path"],
  key: string,
  value: Json | undefined,
  order: readonly string[],
): Patch[] {
  if (value === undefined) return Object.hasOwn(object, key) ? [{ op: "unset", path: [...path, key] }] : [];
  return [{ op: "set", path: [...path, key], value, at: placeFor(object, key, order) }];
}

/** Set a parameter, or take it out (`undefined`: the default holds again). */
export function setParameter(
  node: GraphNode,
  name: string,
  value: Json | undefined,
  order: readonly string[] = [],
): Patch[] {
  if (!isObject(node.raw)) return [];
  const path = ["nodes", node.index];
  if (isObject(node.raw.config)) return setKey(node.config, [...path, "config"], name, value, order);
  return value === undefined ? [] : setKey(node.raw, path, "config", { [name]: value }, NODE_KEYS);
}

/** Set something of a node besides its parameters: `on_error`, `executor`, `join`, the whole `config`. */
export function setNodeKey(node: GraphNode, key: string, value: Json | undefined): Patch[] {
  return isObject(node.raw) ? setKey(node.raw, ["nodes", node.index], key, value, NODE_KEYS) : [];
}

export function setEdgeKey(raw: JsonObject, index: number, key: string, value: Json | undefined): Patch[] {
  return setKey(raw, ["connections", index], key, value, EDGE_KEYS);
}

export function setDocumentKey(document: GraphDocument, key: string, value: Json | undefined): Patch[] {
  return setKey(document as JsonObject, [], key, value, DOCUMENT_KEYS);
}

export function moveNodes(places: readonly { node: GraphNode; at: Point }[]): Patch[] {
  return places.flatMap(({ node, at }): Patch[] => {
    if (!isObject(node.raw)) return [];
    const position: Json = [Math.round(at[0]), Math.round(at[1])];
    if (node.position && node.position[0] === position[0] && node.position[1] === position[1]) return [];
    const path = ["nodes", node.index, "metadata"];
    if (isObject(node.raw.metadata)) return [{ op: "set", path: [...path, "position"], value: position }];
    return setKey(node.raw, ["nodes", node.index], "metadata", { position }, NODE_KEYS);
  });
}

/** `old` or `old.port` with the new name in its place; anything else as it is. */
function renamed(text: Json | undefined, old: string, id: string): string | null {
  if (text === old) return id;
  return typeof text === "string" && text.startsWith(`${old}.`) ? `${id}${text.slice(old.length)}` : null;
}

/** Strings under these keys in `metadata.page` name a node or an output. */
const NAMING = new Set(["node", "output", "edge"]);

function renameInPage(value: Json, path: Patch["path"], old: string, id: string): Patch[] {
  if (Array.isArray(value)) return value.flatMap((one, n) => renameInPage(one, [...path, n], old, id));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, one]): Patch[] => {
    const next = NAMING.has(key) ? renamed(one, old, id) : null;
    if (next !== null) return [{ op: "set", path: [...path, key], value: next }];
    return renameInPage(one, [...path, key], old, id);
  });
}

/** Give a node another id, with everything that names it: connections, and views in `metadata.page`. */
export function renameNode(document: GraphDocument, view: GraphView, node: GraphNode, id: string): Patch[] {
  const patches = setNodeKey(node, "id", id);
  if (node.key !== node.id) return patches;
  for (const edge of view.edges)
    for (const [key, end] of [
      ["from", edge.from],
      ["to", edge.to],
    ] as const) {
      const next = end.node === node.key ? renamed(edge.raw[key], node.id, id) : null;
      if (next !== null) patches.push({ op: "set", path: ["connections", edge.index, key], value: next });
    }
  const metadata = document.metadata;
  const page = isObject(metadata) ? metadata.page : undefined;
  if (page !== undefined) patches.push(...renameInPage(page, ["metadata", "page"], node.id, id));
  return patches;
}
