/** Draw the spans of a channel as one line: through smallest and largest value of every pixel, broken at gaps. */
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
