/** The canvas from outside of it: where it looks, and where something new may stand. */
import type { ReactFlowInstance } from "@xyflow/react";
import type { Point } from "../store/commands";
import { HEAD, WIDTH } from "./geometry";
import type { BlockNode, StreamEdge } from "./scene";

type Flow = ReactFlowInstance<BlockNode, StreamEdge>;
let flow: Flow | null = null;
/** Where the pointer was last over the canvas, on the screen. */
let pointer: Point | null = null;

export const setFlow = (instance: Flow | null): void => {
  flow = instance;
};
export const setPointer = (at: Point | null): void => {
  pointer = at;
};

const duration = (): number => (matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 200);

export function fitView(nodes?: readonly string[]): void {
  const options = { padding: 0.1, maxZoom: 1.1, duration: duration() };
  void flow?.fitView(nodes ? { ...options, nodes: nodes.map((id) => ({ id })) } : options);
}

/** Bring a node into the middle, unless it is well in sight. */
export function reveal(key: string): void {
  const node = flow?.getNode(key);
  const pane = document.querySelector(".canvas")?.getBoundingClientRect();
  if (!flow || !node || !pane) return;
  const { width = WIDTH, height = HEAD } = node;
  const corner = flow.flowToScreenPosition(node.position);
  const zoom = flow.getZoom();
  const inside =
    corner.x >= pane.left &&
    corner.y >= pane.top &&
    corner.x + width * zoom <= pane.right &&
    corner.y + height * zoom <= pane.bottom;
  if (inside && zoom > 0.5) return;
  void flow.setCenter(node.position.x + width / 2, node.position.y + height / 2, {
    zoom: Math.max(zoom, 0.8),
    duration: duration(),
  });
}

/** The keyboard's focus to a node of the canvas, or to the canvas. */
export function focusNode(key: string | null): void {
  const node =
    key === null
      ? null
      : document.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(key)}"]`);
  if (node) node.focus({ preventScroll: true });
  else (document.activeElement as HTMLElement | null)?.blur();
}

export const zoomIn = (): void => void flow?.zoomIn({ duration: duration() });
export const zoomOut = (): void => void flow?.zoomOut({ duration: duration() });

export function fromScreen(x: number, y: number): Point {
  const at = flow?.screenToFlowPosition({ x, y });
  return at ? [at.x, at.y] : [0, 0];
}

/** The pointer over the canvas, or the middle of what is in sight. */
export function pastePoint(): Point {
  if (pointer) return fromScreen(...pointer);
  return middle();
}

export function middle(): Point {
  const pane = document.querySelector(".canvas")?.getBoundingClientRect();
  if (!pane) return [0, 0];
  const [x, y] = fromScreen(pane.left + pane.width / 2, pane.top + pane.height / 2);
  return [x - WIDTH / 2, y - HEAD];
}
