/** The course of numbers that come some times a second: time, and newest, smallest, largest of every channel. */
export class History {
  readonly capacity: number;
  readonly channels: number;
  readonly times: Float64Array;
  /** `[slot][channel][3]`: newest, smallest, largest. */
  readonly values: Float64Array;
  /** 1 where something is missing before. */
  readonly breaks: Uint8Array;
  begin = 0;
  end = 0;

  constructor(capacity: number, channels: number) {
    this.capacity = Math.max(1, capacity);
    this.channels = channels;
    this.times = new Float64Array(this.capacity);
    this.values = new Float64Array(this.capacity * channels * 3);
    this.breaks = new Uint8Array(this.capacity);
  }

  clear(): void {
    this.begin = 0;
    this.end = 0;
  }

  clone(): History {
    const copy = new History(this.capacity, this.channels);
    copy.times.set(this.times);
    copy.values.set(this.values);
    copy.breaks.set(this.breaks);
    copy.begin = this.begin;
    copy.end = this.end;
    return copy;
  }

  slot(number: number): number {
    return number % this.capacity;
  }

  /** Add a frame's numbers, `[channel][4]`: newest, smallest, largest, mean. A time that goes back begins anew. */
  push(time: number, numbers: Float64Array, broken: boolean): void {
    if (this.end > this.begin && time < (this.times[this.slot(this.end - 1)] as number)) this.clear();
    const slot = this.slot(this.end);
    this.times[slot] = time;
    this.breaks[slot] = broken ? 1 : 0;
    for (let channel = 0; channel < this.channels; channel++) {
      for (let part = 0; part < 3; part++)
        this.values[(slot * this.channels + channel) * 3 + part] = numbers[4 * channel + part] ?? Number.NaN;
    }
    this.end += 1;
    this.begin = Math.max(this.begin, this.end - this.capacity);
  }

  /** Number of the first entry whose time is not before `time`. */
  since(time: number): number {
    let low = this.begin;
    let high = this.end;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.times[this.slot(middle)] as number) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
