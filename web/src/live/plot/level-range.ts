/** Range of an axis of decibels: steps of ten, up at once, down after a while, never more than a span. */
import type { Range } from "./range";

const PATIENCE = 3;

export class LevelRange {
  private range: Range | null = null;
  private roomy: number | null = null;

  reset(): void {
    this.range = null;
    this.roomy = null;
  }

  get current(): Range | null {
    return this.range;
  }

  /** Follow the smallest and largest value that are seen; true when the range is another. */
  follow(low: number, high: number, span: number, now: number): boolean {
    if (!Number.isFinite(high)) {
      if (this.range) return false;
      this.range = [-span, 0];
      return true;
    }
    const top = Math.ceil((high + 4) / 10) * 10;
    const floor = Number.isFinite(low) ? Math.floor((low - 4) / 10) * 10 : top - span;
    const wanted: Range = [Math.max(top - span, Math.min(floor, top - 30)), top];
    const { range } = this;
    if (
      !range ||
      high > range[1] ||
      Math.max(wanted[0], low) < range[0] - 0.01 ||
      range[1] - range[0] > span
    ) {
      this.range = range && range[1] - range[0] <= span ? widened(range, wanted, span) : wanted;
      this.roomy = null;
      return !range || range[0] !== this.range[0] || range[1] !== this.range[1];
    }
    const tight = range[1] - wanted[1] <= 10 && wanted[0] - range[0] <= 20;
    if (tight) {
      this.roomy = null;
      return false;
    }
    this.roomy ??= now;
    if (now - this.roomy < PATIENCE) return false;
    this.range = wanted;
    this.roomy = null;
    return true;
  }
}

/** Both ranges, cut to the span from the top. */
function widened(a: Range, b: Range, span: number): Range {
  const top = Math.max(a[1], b[1]);
  return [Math.max(top - span, Math.min(a[0], b[0])), top];
}
