/** Ranges of value axes that follow the signal calmly: out at once, in only after a while. */
import { niceStep } from "./ticks";

export type Range = [min: number, max: number];

const BOUNDS = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];

/** The smallest round bound that is not below a value: finer than steps of ticks, so that little room stays empty. */
function niceBound(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  const bound = BOUNDS.find((one) => one * power >= value * (1 - 1e-9)) ?? 10;
  return Number((bound * power).toPrecision(12));
}

/** Round bounds around values: at multiples of a fifth to a tenth of the span; a flat line gets room. */
export function niceRange(min: number, max: number): Range {
  if (!(max >= min) || !Number.isFinite(max - min)) return [-1, 1];
  const size = Math.max(Math.abs(min), Math.abs(max));
  if (max - min < Math.max(1e-9 * size, 1e-30)) {
    const room = size > 1e-29 ? niceStep(size * 0.1) : 1;
    return niceRange(min - room, max + room);
  }
  const swing = Math.max(-min, max);
  // About zero: the same on both sides, so that the zero line stands still.
  if (min < 0 && max > 0 && Math.min(-min, max) > 0.2 * swing) {
    const bound = niceBound(swing);
    return [-bound, bound];
  }
  const step = niceStep((max - min) / 5);
  return [Math.floor(min / step + 1e-9) * step, Math.ceil(max / step - 1e-9) * step];
}

export class AutoRange {
  private range: Range | null = null;
  private roomySince: number | null = null;
  private readonly patience: number;

  /** `patience`: seconds that a signal must have been much smaller than its range. */
  constructor(patience = 2) {
    this.patience = patience;
  }

  get current(): Range | null {
    return this.range;
  }

  reset(): void {
    this.range = null;
    this.roomySince = null;
  }

  /** Follow what is seen now; returns true when the range is another. Nothing (NaN) leaves it. */
  follow(min: number, max: number, now: number): boolean {
    if (!(max >= min) || !Number.isFinite(max - min)) return false;
    const { range } = this;
    if (!range || min < range[0] || max > range[1]) {
      const wanted = niceRange(range ? Math.min(min, max) : min, max);
      this.range = wanted;
      this.roomySince = null;
      return true;
    }
    const roomy = max - min < 0.4 * (range[1] - range[0]);
    const wanted = niceRange(min, max);
    if (!roomy || wanted[1] - wanted[0] > 0.8 * (range[1] - range[0])) {
      this.roomySince = null;
      return false;
    }
    this.roomySince ??= now;
    if (now - this.roomySince < this.patience) return false;
    this.range = wanted;
    this.roomySince = null;
    return true;
  }
}

/** A range of decibels: the top a multiple of ten above the largest value, `span` below it. */
export function decibelRange(largest: number, span: number): Range {
  const top = Number.isFinite(largest) ? Math.ceil((largest + 3) / 10) * 10 + 0 : 0; // + 0: never -0
  return [top - span, top];
}
