/** Counts of values in even bins: percentiles of any number of them in constant memory. */
export class Histogram {
  private readonly bins: Uint32Array;
  private readonly width: number;
  count = 0;
  private sum = 0;
  private largest = 0;

  /** Values from 0 to `width * bins`; larger ones count in the last bin. */
  constructor(width: number, bins: number) {
    this.width = width;
    this.bins = new Uint32Array(bins);
  }

  add(value: number): void {
    if (!Number.isFinite(value)) return;
    const bin = Math.min(this.bins.length - 1, Math.max(0, Math.floor(value / this.width)));
    this.bins[bin] = (this.bins[bin] as number) + 1;
    this.count += 1;
    this.sum += value;
    if (value > this.largest) this.largest = value;
  }

  clear(): void {
    this.bins.fill(0);
    this.count = this.sum = this.largest = 0;
  }

  get mean(): number {
    return this.count > 0 ? this.sum / this.count : Number.NaN;
  }

  get max(): number {
    return this.count > 0 ? this.largest : Number.NaN;
  }

  /** The upper end of the bin in which the share is reached; NaN without values. */
  percentile(share: number): number {
    if (this.count === 0) return Number.NaN;
    let left = Math.ceil(share * this.count);
    for (let bin = 0; bin < this.bins.length; bin++) {
      left -= this.bins[bin] as number;
      if (left <= 0) return Math.min(this.largest, (bin + 1) * this.width);
    }
    return this.largest;
  }
}
