/**
 * Columns to pixels of one channel: the smallest and largest value of every pixel, and whether a line may lead there.
 *
 * Several columns in a pixel become one whose ends are those of all, so no spike is lost at any width.
 */
import { MARK } from "../data/frames";
import type { ColumnRing } from "./column-ring";

export class Spans {
  readonly pixels: Float64Array;
  readonly low: Float32Array;
  readonly high: Float32Array;
  /** 1 where the pixel is joined to the one before. */
  readonly joined: Uint8Array;
  count = 0;

  constructor(most: number) {
    this.pixels = new Float64Array(most);
    this.low = new Float32Array(most);
    this.high = new Float32Array(most);
    this.joined = new Uint8Array(most);
  }

  /**
   * Read columns `from` up to `to` of a channel. Column k lies in pixel floor(k * scale - offset); a line is never
   * joined across a lost column, a NaN or a mark. `fill`: a column that is wider than a pixel fills its pixels, as
   * its samples lie anywhere in it.
   */
  read(
    ring: ColumnRing,
    channel: number,
    from: number,
    to: number,
    scale: number,
    offset = 0,
    fill = false,
  ): void {
    this.count = 0;
    const { values, marks, capacity } = ring;
    const width = ring.channels * 2;
    let column = Math.max(from, ring.begin);
    const stop = Math.min(to, ring.end);
    let broken = true;
    let pixel = Number.NaN;
    let at = -1;
    for (let slot = ring.slot(column); column < stop; column++) {
      const low = values[slot * width + 2 * channel] as number;
      const high = values[slot * width + 2 * channel + 1] as number;
      const lost = ((marks[slot] as number) & MARK.lost) !== 0;
      if (++slot === capacity) slot = 0;
      if (!(low <= high)) {
        broken = true;
        continue;
      }
      const place = Math.floor(column * scale - offset);
      // Within one pixel a break cannot be shown; the next pixel then begins anew.
      if (place === pixel) {
        if (low < (this.low[at] as number)) this.low[at] = low;
        if (high > (this.high[at] as number)) this.high[at] = high;
        broken = false;
        continue;
      }
      const last = fill && scale > 1 ? Math.floor((column + 1) * scale - offset) - 1 : place;
      for (let filled = place; filled <= Math.max(place, last) && this.count < this.low.length; filled++) {
        at = this.count++;
        this.pixels[at] = filled;
        this.low[at] = low;
        this.high[at] = high;
        this.joined[at] = filled === place && (broken || lost) ? 0 : 1;
        pixel = filled;
      }
      broken = false;
    }
  }
}
