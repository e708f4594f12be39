/** Axes and grids, drawn the same way for every view. */
import { themeColor } from "../../theme/colors";
import { type Scale, toPixel } from "./scale";
import type { Area } from "./stage";
import type { Tick } from "./ticks";

export const FONT = '11px "Inter Variable", system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
export const FONT_BOLD = FONT.replace("11px", "600 11px");

const GAP = 6;

let ruler: CanvasRenderingContext2D | null = null;

/** Width of a text in CSS pixels. */
export function textWidth(text: string, font = FONT): number {
  ruler ??= document.createElement("canvas").getContext("2d");
  if (!ruler) return text.length * 6;
  ruler.font = font;
  return ruler.measureText(text).width;
}

/** Room for the labels of a y axis. */
export function labelRoom(ticks: readonly Tick[], least = 0): number {
  return (
    Math.ceil(Math.max(least, ...ticks.map((tick) => (tick.label ? textWidth(tick.label) : 0)))) + GAP + 4
  );
}

/** A place on a whole device pixel, so that a line is sharp. */
export function crisp(value: number, ratio: number): number {
  return Math.round(value * ratio) / ratio;
}

interface Drawing {
  context: CanvasRenderingContext2D;
  area: Area;
  ratio: number;
}

export function clear(context: CanvasRenderingContext2D, width: number, height: number): void {
  context.fillStyle = themeColor("--plot-bg");
  context.fillRect(0, 0, width, height);
}

/** Lines across an area; `offset` moves them where the context's origin is the area's own. */
export function gridX(
  { context, area, ratio }: Drawing,
  scale: Scale,
  ticks: readonly Tick[],
  strong = false,
): void {
  const line = 1 / ratio;
  for (const tick of ticks) {
    const x = area.left + toPixel(scale, tick.value);
    if (x < area.left - 0.5 || x > area.left + area.width + 0.5) continue;
    context.fillStyle = themeColor(strong && tick.major ? "--plot-grid-strong" : "--plot-grid");
    context.fillRect(Math.min(crisp(x, ratio), area.left + area.width - line), area.top, line, area.height);
  }
}

export function gridY({ context, area, ratio }: Drawing, scale: Scale, ticks: readonly Tick[]): void {
  const line = 1 / ratio;
  for (const tick of ticks) {
    const y = area.top + toPixel(scale, tick.value);
    if (y < area.top - 0.5 || y > area.top + area.height + 0.5) continue;
    context.fillStyle = themeColor(tick.value === 0 && scale.min < 0 ? "--plot-grid-strong" : "--plot-grid");
    context.fillRect(area.left, Math.min(crisp(y, ratio), area.top + area.height - line), area.width, line);
  }
}

/** Numbers below an area, and the unit at the right end; a number that would touch another is left out. */
export function labelsX(
  { context, area }: Drawing,
  scale: Scale,
  ticks: readonly Tick[],
  unit: string,
): void {
  context.font = FONT;
  context.textBaseline = "top";
  context.fillStyle = themeColor("--plot-axis");
  const y = area.top + area.height + 6;
  const right = area.left + area.width;
  let taken = Number.NEGATIVE_INFINITY;
  context.textAlign = "right";
  const reserved = unit ? right - textWidth(unit) - 10 : Number.POSITIVE_INFINITY;
  if (unit) context.fillText(unit, right, y);
  context.textAlign = "center";
  for (const tick of ticks) {
    if (!tick.label) continue;
    const x = area.left + toPixel(scale, tick.value);
    const half = textWidth(tick.label) / 2;
    if (x < area.left - 1 || x > right + 1 || x - half < taken || x + half > Math.min(reserved, right + 24))
      continue;
    context.fillText(tick.label, x, y);
    taken = x + half + 8;
  }
}

/** Numbers left of an area. */
export function labelsY({ context, area }: Drawing, scale: Scale, ticks: readonly Tick[]): void {
  context.font = FONT;
  context.textBaseline = "middle";
  context.textAlign = "right";
  context.fillStyle = themeColor("--plot-axis");
  let taken = Number.POSITIVE_INFINITY;
  for (const tick of ticks) {
    const y = area.top + toPixel(scale, tick.value);
    if (!tick.label || y < area.top - 1 || y > area.top + area.height + 1 || y > taken - 12) continue;
    context.fillText(tick.label, area.left - GAP, y);
    taken = y;
  }
}

/** What the numbers of the y axis are in, above it. */
export function titleY({ context, area }: Drawing, title: string): void {
  if (!title) return;
  context.font = FONT;
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  context.fillStyle = themeColor("--plot-axis");
  context.fillText(title, 8, area.top - 10);
}

/** A frame of one device pixel around an area. */
export function frame({ context, area, ratio }: Drawing): void {
  const line = 1 / ratio;
  context.fillStyle = themeColor("--plot-grid-strong");
  context.fillRect(area.left - line, area.top - line, area.width + 2 * line, line);
  context.fillRect(area.left - line, area.top + area.height, area.width + 2 * line, line);
  context.fillRect(area.left - line, area.top, line, area.height);
  context.fillRect(area.left + area.width, area.top, line, area.height);
}
