/** What is drawn over a spectrum, and what is said of it: limits, the largest lines, a sentence, a table. */
import { themeColor } from "../../theme/colors";
import type { StreamChannel } from "../data/describe";
import { FONT, textWidth } from "../plot/axes";
import { seriesColour } from "../plot/colours";
import { csv } from "../plot/csv";
import { type LevelRule, toLevel } from "../plot/decibels";
import { judgesChannel, limitAt } from "../plot/limits";
import type { LineDrawing } from "../plot/lines";
import { type Scale, toPixel, toValue } from "../plot/scale";
import { quantity } from "../plot/units";
import type { LimitCurve } from "./create";
import type { FrequencyAxis } from "./frequency-axis";

export interface Marks {
  axis: FrequencyAxis;
  /** In device pixels, as the drawing is. */
  x: Scale;
  y: Scale;
  channels: readonly StreamChannel[];
  shown: readonly number[];
  rule: (index: number) => LevelRule;
  write: (value: number, index: number) => string;
}

/** Upper limits as lines, lower ones dashed. */
export function drawLimits(
  { context, width, ratio }: LineDrawing,
  marks: Marks,
  limits: readonly LimitCurve[],
): void {
  const { axis, x, y, channels, shown } = marks;
  context.strokeStyle = themeColor("--plot-limit");
  context.lineWidth = 1.5 * ratio;
  context.lineJoin = "round";
  for (const limit of limits) {
    const judged = shown.find((index) => judgesChannel(limit, channels[index]?.name ?? ""));
    if (judged === undefined) continue;
    const rule = marks.rule(judged);
    context.setLineDash(limit.side === "upper" ? [] : [6 * ratio, 4 * ratio]);
    context.beginPath();
    let open = false;
    for (let pixel = 0; pixel <= width; pixel += 2) {
      const value = toLevel(limitAt(limit.points, axis.frequencyAt(toValue(x, pixel))), rule);
      if (!Number.isFinite(value)) {
        open = false;
        continue;
      }
      if (open) context.lineTo(pixel, toPixel(y, value));
      else context.moveTo(pixel, toPixel(y, value));
      open = true;
    }
    context.stroke();
  }
  context.setLineDash([]);
}

/** A pointer at the largest line of each channel, with its frequency and value. */
export function drawPeaks(drawing: LineDrawing, marks: Marks, peaks: Float32Array): void {
  const rows: number[] = [];
  for (const index of marks.shown) {
    const [frequency, value] = [peaks[2 * index] as number, peaks[2 * index + 1] as number];
    if (frequency > 0 && Number.isFinite(value))
      drawPeak(drawing, marks, frequency, toLevel(value, marks.rule(index)), index, rows);
  }
}

function drawPeak(
  { context, width, height, ratio }: LineDrawing,
  { x, y, write }: Marks,
  frequency: number,
  value: number,
  index: number,
  taken: number[],
): void {
  const left = toPixel(x, frequency);
  if (!(left >= 0 && left <= width)) return;
  const top = Math.max(9 * ratio, toPixel(y, value));
  const size = 5 * ratio;
  context.fillStyle = seriesColour(index);
  context.beginPath();
  context.moveTo(left, top - 2 * ratio);
  context.lineTo(left - size, top - 2 * ratio - size * 1.3);
  context.lineTo(left + size, top - 2 * ratio - size * 1.3);
  context.fill();
  const text = `${quantity(frequency, "Hz", 5)}   ${write(value, index)}`;
  const room = textWidth(text) * ratio;
  const rightwards = left < width - room - 22 * ratio;
  let row = Math.max(3 * ratio, Math.min(top - 10 * ratio, height - 18 * ratio));
  while (taken.some((other) => Math.abs(other - row) < 15 * ratio)) row += 15 * ratio;
  taken.push(row);
  const at = rightwards ? left + 10 * ratio : left - 10 * ratio - room;
  // Lines behind a number make it hard to read.
  context.globalAlpha = 0.8;
  context.fillStyle = themeColor("--plot-bg");
  context.fillRect(at - 3 * ratio, row - 2 * ratio, room + 6 * ratio, 15 * ratio);
  context.globalAlpha = 1;
  context.font = FONT.replace("11px", `${11 * ratio}px`);
  context.textBaseline = "top";
  context.textAlign = "left";
  context.fillStyle = themeColor("--text");
  context.fillText(text, at, row);
}

function largest(row: Float32Array): number {
  let best = 0;
  for (let at = 1; at < row.length; at++) if ((row[at] as number) > (row[best] as number)) best = at;
  return best;
}

/** The largest line of each channel: between lines where the server has interpolated it, else the largest point. */
export function spectrumSummary(
  marks: Omit<Marks, "x" | "y">,
  rows: readonly Float32Array[],
  peaks: Float32Array,
): string {
  const { axis, channels, shown, write, rule } = marks;
  if (rows.length === 0) return "No spectrum yet.";
  const parts = shown.slice(0, 4).map((index, place) => {
    const row = rows[place] ?? new Float32Array(1);
    const best = largest(row);
    const [frequency, peak] = [peaks[2 * index] ?? Number.NaN, peaks[2 * index + 1] ?? Number.NaN];
    const between = !axis.bands && frequency > 0 && Number.isFinite(peak);
    const value = between ? toLevel(peak, rule(index)) : (row[best] as number);
    const where = axis.write(between ? frequency : (axis.places[best] as number));
    return `${channels[index]?.name ?? ""} largest ${write(value, index)} at ${where}`;
  });
  return `${parts.join(", ")}.`;
}

/** Rows of values over what is seen of the axis; a second set of rows is what was held. */
export function spectrumTable(
  axis: FrequencyAxis,
  rows: readonly Float32Array[],
  names: readonly string[],
  seen: Scale,
): string | null {
  if (rows.length === 0) return null;
  const held = rows.length > names.length ? names.map((name) => `${name} hold`) : [];
  const body = [...axis.x].flatMap((frequency, at) => {
    const place = axis.places[at] as number;
    if (place < seen.min * (1 - 1e-9) - 1e-9 || place > seen.max * (1 + 1e-9)) return [];
    return [[frequency, ...rows.map((row) => row[at] ?? Number.NaN)]];
  });
  return csv([axis.order ? "order" : "frequency [Hz]", ...names, ...held], body);
}
