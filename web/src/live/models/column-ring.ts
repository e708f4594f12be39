/**
 * The newest columns of a strip: smallest and largest value of each, `[column][channel][2]`, in a typed-array ring.
 *
 * Columns have absolute numbers (column k covers samples k s to (k + 1) s), so a place in time never moves.
 */
import { MARK } from "../data/frames";

export class ColumnRing {
  readonly capacity: number;
  readonly channels: number;
  readonly values: Float32Array;
  readonly marks: Uint8Array;
  /** Number of the oldest column that is here, and of the one behind the newest. */
  begin = 0;
  end = 0;

  constructor(capacity: number, channels: number) {
    this.capacity = Math.max(1, capacity);
    this.channels = channels;
    this.values = new Float32Array(this.capacity * channels * 2);
    this.marks = new Uint8Array(this.capacity);
  }

  get count(): number {
    return this.end - this.begin;
  }

  /** Slot of a column in `marks`; its values start at `slot * channels * 2`. */
  slot(column: number): number {
    return column % this.capacity;
  }

  clear(): void {
    this.begin = 0;
    this.end = 0;
  }

  /** A copy that stands still. */
  clone(): ColumnRing {
    const copy = new ColumnRing(this.capacity, this.channels);
    copy.values.set(this.values);
    copy.marks.set(this.marks);
    copy.begin = this.begin;
    copy.end = this.end;
    return copy;
  }

  /**
   * Put columns behind the newest. What lies between is lost and becomes NaN with a mark; columns that are
   * there already (the last, partial one) are replaced. Returns how many columns were lost.
   */
  append(first: number, values: Float32Array, marks: Uint8Array): number {
    const count = marks.length;
    if (count === 0) return 0;
    let lost = 0;
    if (this.count === 0 || first < this.begin) this.begin = this.end = first;
    else if (first < this.end) this.end = first;
    else if (first > this.end) {
      lost = first - this.end;
      this.lose(first);
    }
    const skip = Math.max(0, count - this.capacity);
    for (let at = skip; at < count; ) {
      const slot = this.slot(first + at);
      const run = Math.min(count - at, this.capacity - slot);
      const width = this.channels * 2;
      this.values.set(values.subarray(at * width, (at + run) * width), slot * width);
      this.marks.set(marks.subarray(at, at + run), slot);
      at += run;
    }
    this.end = first + count;
    this.begin = Math.max(this.begin, this.end - this.capacity);
    return lost;
  }

  /** Everything up to a column is lost. */
  private lose(first: number): void {
    const from = Math.max(this.end, first - this.capacity);
    for (let column = from; column < first; column++) {
      const slot = this.slot(column);
      this.values.fill(Number.NaN, slot * this.channels * 2, (slot + 1) * this.channels * 2);
      this.marks[slot] = MARK.lost;
    }
    this.end = first;
    this.begin = Math.max(this.begin, this.end - this.capacity);
  }

  /** Smallest and largest value of some channels in columns `from` up to `to`; [NaN, NaN] where there is none. */
  extent(channels: readonly number[], from = this.begin, to = this.end): [number, number] {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    const { values, capacity } = this;
    const width = this.channels * 2;
    let column = Math.max(from, this.begin);
    const stop = Math.min(to, this.end);
    for (let slot = this.slot(column); column < stop; column++) {
      const start = slot * width;
      for (const channel of channels) {
        const small = values[start + 2 * channel] as number;
        const large = values[start + 2 * channel + 1] as number;
        if (small < low && small > Number.NEGATIVE_INFINITY) low = small;
        if (large > high && large < Number.POSITIVE_INFINITY) high = large;
      }
      if (++slot === capacity) slot = 0;
    }
    return low <= high ? [low, high] : [Number.NaN, Number.NaN];
  }
}
