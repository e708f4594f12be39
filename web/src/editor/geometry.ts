/** Sizes of nodes and places of their ports. Known before anything is drawn, so that nothing has to be measured. */
import type { Ports } from "../store/graph";

export const WIDTH = 188;
export const HEAD = 42;
export const ROW = 20;
export const FOOT = 24;
export const PORT = 12;

/** A node whose ports go by their default names is drawn without their names. */
function named(ports: Ports): boolean {
  return ports.inputs.length > 1 || ports.outputs.length > 1;
}

/** Rows of named ports under the head. */
export function rows(ports: Ports): number {
  return named(ports) ? Math.max(ports.inputs.length, ports.outputs.length) : 0;
}

export function size(ports: Ports): { width: number; height: number } {
  const count = rows(ports);
  return { width: WIDTH, height: HEAD + (count ? count * ROW + 4 : 0) + FOOT };
}

/** Middle of a port, from the node's upper left corner. */
export function portAt(ports: Ports, side: "inputs" | "outputs", index: number): { x: number; y: number } {
  const y = rows(ports) ? HEAD + index * ROW + ROW / 2 : HEAD / 2;
  return { x: side === "inputs" ? 0 : WIDTH, y };
}
