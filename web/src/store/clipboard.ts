/** Copy and paste: a part of a graph as the text of a graph, so that it also goes through an editor, a mail or a file. */
import type { GraphDocument, Json, JsonObject } from "../api/types";
import { addConnections, addNodes, freeId, idsOf, type Point } from "./commands";
import { type GraphView, resolveEnd, type Types, viewGraph } from "./graph";
import { isObject, type Patch } from "./patch";

/** Nodes and the edges between them as text; `places` has positions of nodes that the document gives none. */
export function copyText(
  view: GraphView,
  keys: ReadonlySet<string>,
  places: ReadonlyMap<string, Point>,
): string {
  const nodes = view.nodes
    .filter((node) => keys.has(node.key) && isObject(node.raw))
    .map((node) => {
      const at = node.position ?? places.get(node.key);
      const raw = node.raw as JsonObject;
      if (!at) return raw;
      return {
        ...raw,
        metadata: { ...(isObject(raw.metadata) ? raw.metadata : {}), position: [at[0], at[1]] },
      };
    });
  const connections = view.edges
    .filter((edge) => keys.has(edge.from.node) && keys.has(edge.to.node))
    .map((edge) => edge.raw);
  return `${JSON.stringify({ nodes, connections }, null, 2)}\n`;
}

/** The graph in a text, or null when it is something else. */
export function parseClip(text: string): GraphDocument | null {
  if (!text.trimStart().startsWith("{")) return null;
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) && Array.isArray(value.nodes) && value.nodes.length > 0 ? value : null;
  } catch {
    return null;
  }
}

export interface Pasted {
  patches: Patch[];
  /** Ids of the new nodes. */
  ids: string[];
}

/** Put a copied part into a document under free ids, its first corner at `at` (or 24 px beside where it came from). */
export function paste(
  document: GraphDocument,
  view: GraphView,
  clip: GraphDocument,
  types: Types,
  at: Point | null,
): Pasted {
  const part = viewGraph(clip, types);
  const taken = idsOf(view);
  const names = new Map<string, string>();
  for (const node of part.nodes) {
    const id = freeId(taken, node.id || node.type || "node");
    taken.add(id);
    names.set(node.key, id);
  }
  const corner = part.nodes.reduce<Point | null>((least, node) => {
    if (!node.position) return least;
    return least
      ? [Math.min(least[0], node.position[0]), Math.min(least[1], node.position[1])]
      : node.position;
  }, null);
  const shift: Point = corner && at ? [at[0] - corner[0], at[1] - corner[1]] : [24, 24];
  const nodes = part.nodes
    .filter((node) => isObject(node.raw))
    .map((node): JsonObject => {
      const raw: JsonObject = { ...(node.raw as JsonObject), id: names.get(node.key) ?? node.id };
      const place = node.position ?? at;
      if (!place) return raw;
      const position = [Math.round(place[0] + shift[0]), Math.round(place[1] + shift[1])];
      return { ...raw, metadata: { ...(isObject(raw.metadata) ? raw.metadata : {}), position } };
    });
  const end = (text: Json | undefined, side: "inputs" | "outputs"): string | null => {
    const found = resolveEnd(text, side, part.byKey, types);
    const name = found ? names.get(found.node) : undefined;
    if (!found || name === undefined) return null;
    return text === found.node ? name : `${name}.${found.port}`;
  };
  const connections = part.edges.flatMap((edge): JsonObject[] => {
    const from = end(edge.raw.from, "outputs");
    const to = end(edge.raw.to, "inputs");
    return from !== null && to !== null ? [{ ...edge.raw, from, to }] : [];
  });
  const patches = addNodes(document, nodes);
  if (connections.length > 0) patches.push(...addConnections(document, connections));
  return { patches, ids: nodes.map((node) => String(node.id)) };
}
