/** Connecting: which ports a new edge could end at, and why not. The server knows; what is plain is said at once. */
import { api } from "../api/http";
import type { GraphDocument, Json, Target } from "../api/types";
import { useCatalogue } from "../store/catalogue";
import { addConnections } from "../store/commands";
import { currentDocument, edit } from "../store/editor";
import { type End, endText, type GraphView, viewGraph } from "../store/graph";
import { isObject } from "../store/patch";
import { toast } from "../ui/Toasts";
import { type OpenEnd, useUi } from "./uiState";

export const portText = (end: End): string => `${end.node}.${end.port}`;

/** What can be said without the server, or null. */
export function plainReason(view: GraphView, from: End, to: End): string | null {
  if (from.node === to.node) return "a node cannot be connected to itself";
  const same = view.edges.find((edge) => edge.to.node === to.node && edge.to.port === to.port);
  if (same && same.from.node === from.node && same.from.port === from.port) return "already connected";
  const join = nodeJoin(view, to.node);
  if (same && join !== "merge") return `already connected: '${portText(same.from)}'`;
  return null;
}

/** How a node puts its inputs together; one that merges takes several edges into a port. */
function nodeJoin(view: GraphView, key: string): Json | undefined {
  const raw = view.byKey.get(key)?.raw;
  return isObject(raw) && isObject(raw.join) ? raw.join.policy : undefined;
}

/** From where to where, whichever end it was begun at. */
export function ordered(open: OpenEnd, other: End): { from: End; to: End } {
  return open.side === "outputs" ? { from: open, to: other } : { from: other, to: open };
}

export function reasonAgainst(
  open: OpenEnd,
  other: End,
  targets: ReadonlyMap<string, Target> | null,
): string | null {
  const told = targets?.get(portText(other));
  if (told) return told.ok ? null : told.reason;
  const { from, to } = ordered(open, other);
  return plainReason(viewGraph(currentDocument(), useCatalogue.getState().types), from, to);
}

export async function fetchTargets(
  document: GraphDocument,
  open: OpenEnd,
  signal?: AbortSignal,
): Promise<Map<string, Target>> {
  const text = portText(open);
  const answer = await api.targets(document, open.side === "outputs" ? { from: text } : { to: text }, signal);
  return new Map(answer.map((target) => [target.port, target]));
}

let asking: AbortController | undefined;

export function startConnecting(from: OpenEnd): void {
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  useUi.setState({ connecting: { from, targets: null } });
  fetchTargets(currentDocument(), from, mine.signal).then(
    (targets) => {
      if (useUi.getState().connecting?.from === from) useUi.setState({ connecting: { from, targets } });
    },
    () => {
      // Without an answer the plain reasons hold, and the check after the edit says the rest.
    },
  );
}

export function endConnecting(): void {
  asking?.abort();
  useUi.setState({ connecting: null });
}

/** Make the edge, unless there is a reason against it: then say it. */
export function connect(open: OpenEnd, other: End, targets: ReadonlyMap<string, Target> | null): boolean {
  const reason = reasonAgainst(open, other, targets);
  const { from, to } = ordered(open, other);
  if (reason !== null) {
    toast("error", `${portText(from)} was not connected to ${portText(to)}: ${reason}`);
    return false;
  }
  const types = useCatalogue.getState().types;
  const document = currentDocument();
  const { byKey } = viewGraph(document, types);
  const connection = {
    from: endText(from, "outputs", byKey, types),
    to: endText(to, "inputs", byKey, types),
  };
  edit(`Connect ${connection.from} to ${connection.to}`, addConnections(document, [connection]));
  return true;
}
