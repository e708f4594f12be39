/** Cursors A and B: where they are, which one is moved, and the drawing of both. */
import { themeColor } from "../../theme/colors";
import { crisp, FONT_BOLD, textWidth } from "./axes";
import { toPixel } from "./scale";
import type { PlotAxes, PlotView } from "./view";

export type Which = "a" | "b";

/** Pixels within which a pointer takes hold of a cursor. */
const GRIP = 10;

export class Cursors {
  on = false;
  a: number | null = null;
  b: number | null = null;
  active: Which = "a";
  /** Go to the largest value nearby when moved by pointer. */
  snap = false;

  /** Show them, at a third and two thirds of what is seen where they were not placed or are out of sight. */
  show(axes: PlotAxes): void {
    this.on = true;
    const { min, max, log } = axes.x;
    const at = (share: number) => (log ? min * (max / min) ** share : min + share * (max - min));
    const seen = (x: number | null) => x !== null && x >= min && x <= max;
    if (!seen(this.a)) this.a = at(1 / 3);
    if (!seen(this.b)) this.b = at(2 / 3);
  }

  /** The cursor at a pixel of the area, if one is near. */
  at(axes: PlotAxes, pixel: number): Which | null {
    if (!this.on) return null;
    const distance = (x: number | null) =>
      x === null ? Number.POSITIVE_INFINITY : Math.abs(toPixel(axes.x, x) - pixel);
    const [a, b] = [distance(this.a), distance(this.b)];
    if (Math.min(a, b) > GRIP) return null;
    return a === b ? this.active : a < b ? "a" : "b";
  }

  /** Put a cursor at a place, on a point of the data. */
  move(view: PlotView, which: Which, x: number): void {
    const wanted = this.snap ? view.peakNear(x, GRIP) : x;
    this[which] = view.read(wanted)?.x ?? wanted;
    this.active = which;
  }

  draw(context: CanvasRenderingContext2D, axes: PlotAxes, ratio: number): void {
    if (!this.on) return;
    const { area } = axes;
    for (const which of ["a", "b"] as const) {
      const x = this[which];
      if (x === null) continue;
      const place = toPixel(axes.x, x);
      if (!(place >= -1 && place <= area.width + 1)) continue;
      const left = crisp(area.left + place, ratio);
      const colour = themeColor(which === "a" ? "--plot-cursor-a" : "--plot-cursor-b");
      context.fillStyle = colour;
      context.fillRect(left, area.top, Math.max(1, Math.round(ratio)) / ratio, area.height);
      const label = which.toUpperCase();
      context.font = FONT_BOLD;
      const width = textWidth(label, FONT_BOLD) + 8;
      const start = Math.min(Math.max(left - width / 2, area.left), area.left + area.width - width);
      context.globalAlpha = which === this.active ? 1 : 0.75;
      context.fillRect(start, area.top - 15, width, 15);
      context.globalAlpha = 1;
      context.fillStyle = themeColor("--plot-bg");
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillText(label, start + width / 2, area.top - 7);
    }
  }
}
