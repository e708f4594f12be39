/** Columns in words and as a table. */
import type { StreamChannel } from "../data/describe";
import { MARK } from "../data/frames";
import type { ColumnRing } from "../models/column-ring";
import { seriesColour } from "../plot/colours";
import { csv, exact } from "../plot/csv";
import { clock, quantity, scaled } from "../plot/units";
import type { Reading } from "../plot/view";

/** `−0.71 … 0.70 mV`, both with one prefix. */
export function both(low: number, high: number, unit: string): string {
  if (Number.isNaN(low)) return "–";
  const { factor, unit: shown } = scaled(unit, Math.max(Math.abs(low), Math.abs(high)));
  const write = (value: number) => String(Number((value * factor).toPrecision(3))).replace("-", "−");
  return `${write(low)} … ${write(high)} ${shown}`.trim();
}

/** Values of channels in a column; null where there is no such column. */
export function readColumn(
  ring: ColumnRing,
  channels: readonly StreamChannel[],
  shown: readonly number[],
  column: number,
): Reading["values"] | null {
  if (column < ring.begin || column >= ring.end) return null;
  const slot = ring.slot(column);
  return shown.map((index) => {
    const at = (slot * ring.channels + index) * 2;
    const [low, high] = [ring.values[at] as number, ring.values[at + 1] as number];
    const { name = "", unit = "" } = channels[index] ?? {};
    const text = low === high ? quantity(high, unit) : both(low, high, unit);
    return { name, colour: seriesColour(index), value: high, text };
  });
}

/** Column with the value farthest from zero between two columns. */
export function largestColumn(
  ring: ColumnRing,
  shown: readonly number[],
  from: number,
  to: number,
): number | null {
  let [best, found]: [number, number | null] = [Number.NEGATIVE_INFINITY, null];
  for (let column = Math.max(from, ring.begin); column < Math.min(to, ring.end); column++) {
    const [low, high] = ring.extent(shown, column, column + 1);
    const size = Math.max(Math.abs(low), Math.abs(high));
    if (size > best) [best, found] = [size, column];
  }
  return found;
}

export function columnsSummary(
  ring: ColumnRing,
  channels: readonly StreamChannel[],
  shown: readonly number[],
  [from, to]: [number, number],
  time: (column: number) => number,
  gaps: number,
): string {
  if (to <= from) return "No samples yet.";
  const parts = shown.slice(0, 4).map((index) => {
    const { name = "", unit = "" } = channels[index] ?? {};
    return `${name} ${both(...ring.extent([index], from, to), unit)}`;
  });
  const more = shown.length > 4 ? ` and ${shown.length - 4} more channels` : "";
  const lost = gaps > 0 ? `, ${gaps} gaps` : "";
  return `${clock(time(from))} to ${clock(time(to))}: ${parts.join(", ")}${more}${lost}.`;
}

export function columnsTable(
  ring: ColumnRing,
  channels: readonly StreamChannel[],
  shown: readonly number[],
  [from, to]: [number, number],
  time: (column: number) => number,
  single: boolean,
): string | null {
  if (to <= from) return null;
  const head = shown.flatMap((index) => {
    const { name = "", unit = "" } = channels[index] ?? {};
    const label = unit ? ` [${unit}]` : "";
    return single ? [`${name}${label}`] : [`${name} min${label}`, `${name} max${label}`];
  });
  const rows = Array.from({ length: to - from }, (_, at) => {
    const slot = ring.slot(from + at);
    const numbers = shown.flatMap((index) => {
      const place = (slot * ring.channels + index) * 2;
      const low = ring.values[place] as number;
      return single ? [low] : [low, ring.values[place + 1] as number];
    });
    return [exact(time(from + at)), ...numbers, (ring.marks[slot] as number) & MARK.lost ? 1 : 0];
  });
  return csv(["time [s]", ...head, "lost"], rows);
}
