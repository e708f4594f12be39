/** Draw a channel as one line, broken at gaps: through the ends of every pixel, or through samples where these are few. */
import { MARK } from "../data/frames";
import type { ColumnRing } from "../models/column-ring";
import type { Spans } from "../models/spans";

export interface TraceScale {
  /** y = zero - value * gain, in the context's units. */
  zero: number;
  gain: number;
  top: number;
  bottom: number;
}

export function traceScale(min: number, max: number, top: number, bottom: number): TraceScale {
  const gain = (bottom - top) / (max - min);
  return { gain, zero: bottom + min * gain, top, bottom };
}

/** Add the line to the context's path; pixel p lies at p - offset + 0.5. */
export function trace(
  context: CanvasRenderingContext2D,
  spans: Spans,
  offset: number,
  scale: TraceScale,
): void {
  const { pixels, low, high, joined, count } = spans;
  const { zero, gain, top, bottom } = scale;
  let last = 0;
  for (let index = 0; index < count; index++) {
    const x = (pixels[index] as number) - offset + 0.5;
    let a = zero - (low[index] as number) * gain;
    let b = zero - (high[index] as number) * gain;
    a = a > bottom ? bottom : Math.max(a, top);
    b = b > bottom ? bottom : Math.max(b, top);
    if (joined[index] === 0) {
      // Half a pixel longer, so that a value that stands alone is a dot.
      context.moveTo(x, a + 0.5);
      context.lineTo(x, b - 0.5);
      last = b;
    } else if (a !== b && low[index] === low[index - 1] && high[index] === high[index - 1]) {
      // A column over several pixels: up and down again, so that the line goes on from where it was.
      context.lineTo(x, last);
      context.lineTo(x, last === a ? b : a);
      context.lineTo(x, last);
    } else if (Math.abs(last - a) <= Math.abs(last - b)) {
      context.lineTo(x, a);
      if (b !== a) context.lineTo(x, b);
      last = b;
    } else {
      context.lineTo(x, b);
      if (b !== a) context.lineTo(x, a);
      last = a;
    }
  }
}

/** Fewer pixels for a sample than this, and pixels show more of a signal than a line through its samples. */
export const SAMPLES_FROM = 0.3;

/** Add a line through single samples to the path: sample k at k * scale - offset, not moved to a pixel. */
export function traceSamples(
  context: CanvasRenderingContext2D,
  ring: ColumnRing,
  channel: number,
  [from, to]: readonly [number, number],
  [scale, offset]: readonly [number, number],
  { zero, gain, top, bottom }: TraceScale,
): void {
  const { values, marks, capacity } = ring;
  const width = ring.channels * 2;
  const stop = Math.min(to, ring.end);
  let column = Math.max(from, ring.begin);
  let open = false;
  for (let slot = ring.slot(column); column < stop; column++) {
    const value = values[slot * width + 2 * channel] as number;
    if (((marks[slot] as number) & MARK.lost) !== 0) open = false;
    if (++slot === capacity) slot = 0;
    if (Number.isNaN(value)) {
      open = false;
      continue;
    }
    const x = column * scale - offset + 0.5;
    const y = Math.min(bottom, Math.max(top, zero - value * gain));
    if (open) context.lineTo(x, y);
    else {
      context.moveTo(x - 0.5, y); // a sample that stands alone is a dot
      context.lineTo(x, y);
    }
    open = true;
  }
}
