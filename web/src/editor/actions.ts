/** What can be done to the graph from menus, keys and lists alike. */
import type { JsonObject } from "../api/types";
import { useCatalogue } from "../store/catalogue";
import { copyText, parseClip, paste } from "../store/clipboard";
import {
  addConnections,
  addNodes,
  idForType,
  idsOf,
  moveNodes,
  newNode,
  type Point,
  removeItems,
} from "../store/commands";
import { currentDocument, edit, select, useEditor } from "../store/editor";
import { endText, type GraphView, type Ports, portsOf, viewGraph } from "../store/graph";
import { type Places, placesOf } from "../store/layout";
import { toast } from "../ui/Toasts";
import { ordered } from "./connect";
import { fitView, focusNode, middle, pastePoint, reveal } from "./flow";
import { size } from "./geometry";
import type { OpenEnd } from "./uiState";

const NO_PORTS: Ports = { inputs: [], outputs: [] };

export function currentView(): GraphView {
  return viewGraph(currentDocument(), useCatalogue.getState().types);
}

export function currentPorts(): ReadonlyMap<string, Ports> {
  return portsOf(currentView(), useCatalogue.getState().types);
}

function currentPlaces(): Places {
  const ports = currentPorts();
  return placesOf(currentView(), (key) => size(ports.get(key) ?? NO_PORTS));
}

/** A place that no node covers: the wanted one, or further down. */
function freePlace(wanted: Point): Point {
  const ports = currentPorts();
  const boxes = [...currentPlaces()].map(([key, [x, y]]) => ({ x, y, ...size(ports.get(key) ?? NO_PORTS) }));
  const [x, start] = wanted;
  for (let y = start; ; y += 20)
    if (
      !boxes.some(
        (box) => Math.abs(box.x - x) < box.width + 16 && y < box.y + box.height + 16 && y + 66 + 16 > box.y,
      )
    )
      return [x, y];
}

/** Beside the one selected node, else in the middle of what is in sight. */
function placeForNew(): Point {
  const { nodes } = useEditor.getState().selection;
  const [only] = nodes.size === 1 ? nodes : [];
  const at = only === undefined ? undefined : currentPlaces().get(only);
  return freePlace(at ? [at[0] + 188 + 72, at[1]] : middle());
}

/** The port of a new node that an open end is connected to: the first on the other side. */
function partner(open: OpenEnd, type: string, id: string): { node: string; port: string } | null {
  const ports = useCatalogue.getState().types.get(type);
  const port = open.side === "outputs" ? ports?.inputs[0] : ports?.outputs[0];
  return port ? { node: id, port: port.name } : null;
}

export function addNode(type: string, how: { at?: Point; connect?: OpenEnd | null } = {}): string {
  const document = currentDocument();
  const view = currentView();
  const id = idForType(idsOf(view), type);
  const open = how.connect ?? null;
  const at = how.at ?? placeForNew();
  const patches = addNodes(document, [newNode(id, type, at)]);
  const other = open && partner(open, type, id);
  if (open && other) {
    const types = useCatalogue.getState().types;
    const { from, to } = ordered(open, other);
    const ends = (end: typeof from, side: "inputs" | "outputs") => {
      if (end.node !== id) return endText(end, side, view.byKey, types);
      return types.get(type)?.[side].length === 1 ? id : `${id}.${end.port}`;
    };
    patches.push(...addConnections(document, [{ from: ends(from, "outputs"), to: ends(to, "inputs") }]));
  }
  edit(`Add ${id}`, [...fixPlaces(), ...patches]);
  select([id]);
  return id;
}

/** Before the first place by hand, all nodes get the places that they are drawn at, so that none jumps. */
function fixPlaces() {
  const view = currentView();
  const places = currentPlaces();
  const without = view.nodes.filter((node) => !node.position);
  return moveNodes(
    without.flatMap((node) => (places.has(node.key) ? [{ node, at: places.get(node.key) as Point }] : [])),
  );
}

export function removeSelected(): void {
  const { nodes, edges } = useEditor.getState().selection;
  const patches = removeItems(currentView(), nodes, edges);
  if (patches.length === 0) return;
  const what = nodes.size === 1 ? [...nodes][0] : nodes.size > 1 ? `${nodes.size} nodes` : "connection";
  edit(`Delete ${what}`, patches);
  select([]);
}

export function selectAll(): void {
  select(currentView().nodes.map((node) => node.key));
}

function selectedText(): string | null {
  const { nodes } = useEditor.getState().selection;
  return nodes.size > 0 ? copyText(currentView(), nodes, currentPlaces()) : null;
}

export function pasteText(text: string, at: Point | null): boolean {
  const clip = parseClip(text);
  if (!clip) return false;
  const types = useCatalogue.getState().types;
  const { patches, ids } = paste(currentDocument(), currentView(), clip, types, at);
  edit(ids.length === 1 ? `Paste ${ids[0]}` : `Paste ${ids.length} nodes`, patches);
  select(ids);
  return true;
}

/** The clipboard events of the browser: they need no permission, and text that is marked in a field stays its own. */
export function onCopy(event: ClipboardEvent, cut: boolean): void {
  const text = selectedText();
  if (text === null || !event.clipboardData) return;
  event.clipboardData.setData("text/plain", text);
  event.preventDefault();
  if (cut) removeSelected();
}

export function onPaste(event: ClipboardEvent): void {
  if (pasteText(event.clipboardData?.getData("text/plain") ?? "", pastePoint())) event.preventDefault();
}

export function duplicate(): void {
  const text = selectedText();
  if (text !== null) pasteText(text, null);
}

export async function copySelected(): Promise<void> {
  const text = selectedText();
  if (text === null) return;
  await navigator.clipboard.writeText(text);
  toast("ok", "Copied as JSON");
}

/** Lay out all nodes, or those that are selected, from left to right; dagre comes when it is asked for. */
export async function tidy(): Promise<void> {
  const { tidyPlaces } = await import("./tidy");
  const view = currentView();
  const { nodes } = useEditor.getState().selection;
  const some = nodes.size > 1 ? nodes : new Set(view.nodes.map((node) => node.key));
  const ports = currentPorts();
  const places = tidyPlaces(view, some, currentPlaces(), (key) => ports.get(key) ?? NO_PORTS);
  const moves = view.nodes.flatMap((node) =>
    places.has(node.key) ? [{ node, at: places.get(node.key) as Point }] : [],
  );
  edit("Tidy", moveNodes(moves));
  if (nodes.size <= 1) requestAnimationFrame(() => fitView());
}

export function goTo(key: string): void {
  select([key]);
  reveal(key);
  focusNode(key);
}

/** Select the node in the direction of an arrow: along an edge, or the neighbour above or below. */
export function nodesFrom(key: string, side: "inputs" | "outputs"): string[] {
  return currentView().edges.flatMap((edge) => {
    if (side === "outputs" && edge.from.node === key) return [edge.to.node];
    return side === "inputs" && edge.to.node === key ? [edge.from.node] : [];
  });
}

export function nodeObject(key: string): JsonObject | null {
  const raw = currentView().byKey.get(key)?.raw;
  return typeof raw === "object" && raw !== null && !Array.isArray(raw) ? raw : null;
}
