/** What the panel asks of every view, whatever it shows. */
import type { Scale } from "./scale";
import type { Area, Stage } from "./stage";

export interface Reading {
  /** Where it was read: on a point of the data. */
  x: number;
  values: { name: string; colour: string; value: number; text: string }[];
}

export interface PlotAxes {
  area: Area;
  x: Scale;
  /** Null where there are several (lanes), or none. */
  y: Scale | null;
}

export interface View {
  /** Draw what is new since the last time. */
  draw(now: number): void;
  /** Everything is to be drawn again: theme, settings, size. */
  invalidate(): void;
  /** One sentence for who cannot see the canvas. */
  summary(): string;
  /** What is seen, as a table (CSV); null where there is nothing. */
  table(): string | null;
  /** Numbers for the page's diagnostics. */
  probe(): Record<string, unknown>;
  /** Canvases in the order in which they lie above each other. */
  layers(): HTMLCanvasElement[];
  freeze(on: boolean): void;
  destroy(): void;
}

/** A view with an x axis: cursors, zoom. */
export interface PlotView extends View {
  readonly stage: Stage;
  axes(): PlotAxes | null;
  /** Values at the point nearest to a place on the x axis. */
  read(x: number): Reading | null;
  /** The point with the largest value within some pixels of a place. */
  peakNear(x: number, pixels: number): number;
  /** The point next to a place, to the left (-1) or right (1), `count` points on. */
  step(x: number, count: number): number;
  /** How a place on the x axis, and the distance of two, are written. */
  writeX(x: number): string;
  writeDifference(a: number, b: number): string[];
  /** How the difference of two readings of a channel is written (`index` counts those of `read`). */
  writeY(difference: number, index: number): string;
  zoom(x: [number, number] | null): void;
  zoomY(range: [number, number] | null): void;
}
