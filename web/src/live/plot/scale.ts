/** Values to places along an axis and back. Places are in CSS pixels from the plot's left or top edge. */
export interface Scale {
  readonly min: number;
  readonly max: number;
  readonly log: boolean;
  readonly pixels: number;
  /** From the bottom up, as a y axis. */
  readonly up: boolean;
}

export function toPixel(scale: Scale, value: number): number {
  const { min, max, log, pixels, up } = scale;
  const share = log ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
  return up ? pixels * (1 - share) : pixels * share;
}

export function toValue(scale: Scale, pixel: number): number {
  const { min, max, log, pixels, up } = scale;
  const share = up ? 1 - pixel / pixels : pixel / pixels;
  return log ? min * (max / min) ** share : min + share * (max - min);
}

/** The part of a scale between two of its pixels, kept within bounds: a zoom. */
export function between(scale: Scale, from: number, to: number): [number, number] {
  const a = toValue(scale, from);
  const b = toValue(scale, to);
  return a < b ? [a, b] : [b, a];
}

/** Zoom about a pixel by a factor (below 1: closer). */
export function about(scale: Scale, pixel: number, factor: number): [number, number] {
  return between(scale, pixel - pixel * factor, pixel + (scale.pixels - pixel) * factor);
}
