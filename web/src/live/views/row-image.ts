/** Rows of bytes as an image with a line for each, used as a ring: a new row is one line, showing is two copies. */
import type { RowRing } from "../models/rows";
import { type Scale, toValue } from "../plot/scale";
import type { FrequencyAxis } from "./frequency-axis";

export class RowImage {
  private readonly canvas = document.createElement("canvas");
  private line: ImageData | null = null;
  /** Points [from, to) of every pixel. */
  private from = new Int32Array(0);
  private to = new Int32Array(0);
  private lut = new Uint32Array(256);
  private key = "";
  private drawn = 0;
  private height = 1;
  private fresh = true;

  resize(width: number, rows: number, axis: FrequencyAxis, scale: Scale): void {
    this.canvas.width = width;
    this.canvas.height = rows;
    this.height = rows;
    this.line = new ImageData(width, 1);
    this.from = new Int32Array(width);
    this.to = new Int32Array(width);
    for (let pixel = 0; pixel < width; pixel++) {
      // The largest of the points in a pixel; the nearest where there is none.
      const [low, high] = [axis.nearest(toValue(scale, pixel)), axis.nearest(toValue(scale, pixel + 1))];
      const inside = high > low ? low + ((axis.places[low] as number) < toValue(scale, pixel) ? 1 : 0) : low;
      this.from[pixel] = Math.min(inside, high);
      this.to[pixel] = Math.max(high, Math.min(inside, high) + 1);
    }
    this.fresh = true;
  }

  release(): void {
    this.canvas.width = this.canvas.height = 0;
  }

  /** Colours between two cells; others are drawn anew with them. */
  colours(map: Uint32Array, dark: number, light: number): void {
    const key = `${map[255]} ${dark.toFixed(2)} ${light.toFixed(2)}`;
    if (key === this.key) return;
    this.key = key;
    this.fresh = true;
    for (let cell = 1; cell < 256; cell++) {
      const share = Math.min(1, Math.max(0, (cell - dark) / Math.max(1e-6, light - dark)));
      this.lut[cell] = map[1 + Math.round(254 * share)] as number;
    }
    this.lut[0] = 0;
  }

  update(ring: RowRing, rows: number): void {
    const context = this.canvas.getContext("2d");
    if (!context || !this.line) return;
    const oldest = Math.max(ring.begin, ring.end - rows);
    const all = this.fresh || this.drawn > ring.end || this.drawn < oldest;
    if (all) context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.fresh = false;
    for (let number = all ? oldest : this.drawn; number < ring.end; number++)
      this.paint(context, ring, number);
    this.drawn = ring.end;
  }

  private paint(context: CanvasRenderingContext2D, ring: RowRing, number: number): void {
    const { line, from, to, lut } = this;
    if (!line) return;
    const target = new Uint32Array(line.data.buffer);
    const row = ring.row(number);
    for (let pixel = 0; pixel < target.length; pixel++) {
      let cell = 0;
      for (let at = from[pixel] as number; at < (to[pixel] as number); at++) {
        const value = row[at] as number;
        if (value > cell) cell = value;
      }
      target[pixel] = lut[cell] as number;
    }
    context.putImageData(line, 0, this.place(number));
  }

  /** Line of a row: numbers grow upwards, so that from the newest on they go down. */
  private place(number: number): number {
    return this.height - 1 - (number % this.height);
  }

  show(context: CanvasRenderingContext2D, width: number, height: number): void {
    if (this.drawn === 0) return;
    const top = this.place(this.drawn - 1);
    const upper = this.height - top;
    const cut = (upper / this.height) * height;
    context.imageSmoothingEnabled = false;
    context.drawImage(this.canvas, 0, top, width, upper, 0, 0, width, cut);
    if (top > 0) context.drawImage(this.canvas, 0, 0, width, top, 0, cut, width, height - cut);
  }
}

/** Cells between which the colours spread: from below the middle of the rows to their largest, calmly. */
export class Contrast {
  /** In cells of 1 to 255. */
  range: [number, number] = [1, 255];
  saturated = false;
  private readonly counts = new Uint32Array(256);
  private seen = 0;
  private rows = 0;

  reset(): void {
    this.range = [1, 255];
    this.saturated = false;
    this.counts.fill(0);
    this.seen = 0;
    this.rows = 0;
  }

  /** Count new rows; twice a second's worth of rows later the colours may change. True when they did. */
  follow(ring: RowRing): boolean {
    if (this.seen > ring.end) this.reset();
    for (let number = Math.max(this.seen, ring.begin); number < ring.end; number++) {
      for (const cell of ring.row(number)) this.counts[cell] = (this.counts[cell] as number) + 1;
      this.rows += 1;
    }
    this.seen = ring.end;
    if (this.rows < 8) return false;
    this.rows = 0;
    const total = this.counts.reduce((sum, count, cell) => (cell === 0 ? sum : sum + count), 0);
    if (total === 0) return false;
    const [dark, light] = [this.share(total, 0.25), this.share(total, 0.9995)];
    this.saturated = (this.counts[255] as number) > 0.0005 * total;
    // What was long ago counts less.
    for (let cell = 0; cell < 256; cell++) this.counts[cell] = (this.counts[cell] as number) * 0.8;
    const low = Math.max(1, Math.floor((dark - 6) / 8) * 8);
    const high = Math.min(255, Math.ceil((Math.max(light, low + 64) + 2) / 8) * 8);
    if (Math.abs(low - this.range[0]) < 12 && Math.abs(high - this.range[1]) < 12) return false;
    this.range = [low, high];
    return true;
  }

  private share(total: number, share: number): number {
    let left = share * total;
    for (let cell = 1; cell < 256; cell++) {
      left -= this.counts[cell] as number;
      if (left <= 0) return cell;
    }
    return 255;
  }
}
