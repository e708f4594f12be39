/** What of a document is not in the graph that runs: what may change live, and what needs an Apply. */
import type { GraphDocument, Json, JsonObject } from "../api/types";
import type { GraphNode, GraphView, Types } from "./graph";
import { isObject } from "./patch";

export interface Pending {
  /** Keys of nodes that run otherwise than they are drawn, new ones included. */
  nodes: ReadonlySet<string>;
  /** Nodes were removed, or the graph's own settings changed. */
  rest: boolean;
  /** Live parameters with another value than the one that runs. */
  live: Readonly<Record<string, JsonObject>>;
}

export const NOTHING_PENDING: Pending = { nodes: new Set(), rest: false, live: {} };

/** Text of a value that does not depend on the order of keys; annotations are left out. */
function canonical(value: Json | undefined): string {
  return (
    JSON.stringify(value, (_key, one: Json) => {
      if (!isObject(one)) return one;
      return Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    }) ?? ""
  );
}

function withoutNotes(raw: Json, except: string): string {
  if (!isObject(raw)) return canonical(raw);
  return canonical(
    Object.fromEntries(Object.entries(raw).filter(([key]) => key !== "metadata" && key !== except)),
  );
}

/** Parameters that differ; `live` maps those that may change while it runs to their new value. */
function parameters(now: GraphNode, then: GraphNode, types: Types): { live: JsonObject; other: boolean } {
  const properties = types.get(now.type)?.parameters.properties ?? {};
  const live: JsonObject = {};
  let other = false;
  for (const name of new Set([...Object.keys(now.config), ...Object.keys(then.config)])) {
    const schema = properties[name];
    const value = Object.hasOwn(now.config, name) ? now.config[name] : schema?.default;
    const old = Object.hasOwn(then.config, name) ? then.config[name] : schema?.default;
    if (canonical(value) === canonical(old)) continue;
    if (schema?.["x-live"] && value !== undefined) live[name] = value;
    else other = true;
  }
  return { live, other };
}

/** For each node: the texts of the connections that end in it. */
function incoming(view: GraphView): Map<string, string> {
  const lists = new Map<string, string[]>();
  for (const edge of view.edges) {
    const text = canonical([
      edge.from.node,
      edge.from.port,
      edge.to.port,
      edge.raw.policy ?? null,
      edge.raw.capacity ?? null,
    ]);
    lists.set(edge.to.node, [...(lists.get(edge.to.node) ?? []), text]);
  }
  return new Map([...lists].map(([key, texts]) => [key, texts.toSorted().join()]));
}

export function pendingChanges(
  now: { document: GraphDocument; view: GraphView },
  then: { document: GraphDocument; view: GraphView },
  types: Types,
): Pending {
  const nodes = new Set<string>();
  const live: Record<string, JsonObject> = {};
  const edgesNow = incoming(now.view);
  const edgesThen = incoming(then.view);
  for (const node of now.view.nodes) {
    const old = then.view.byKey.get(node.key);
    if (!old || withoutNotes(node.raw, "config") !== withoutNotes(old.raw, "config")) {
      nodes.add(node.key);
      continue;
    }
    const changed = parameters(node, old, types);
    if (changed.other || edgesNow.get(node.key) !== edgesThen.get(node.key)) nodes.add(node.key);
    if (Object.keys(changed.live).length > 0) live[node.key] = changed.live;
  }
  const removed = then.view.nodes.some((node) => !now.view.byKey.has(node.key));
  const settings = canonical(now.document.pipeline_config) !== canonical(then.document.pipeline_config);
  return { nodes, rest: removed || settings, live };
}
