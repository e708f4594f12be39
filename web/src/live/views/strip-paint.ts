/**
 * The moving picture of a strip: an image in which pixels have absolute numbers, written as a ring.
 *
 * Appending touches new pixels only. Scrolling copies the ring in two pieces; a sweep shows it as it is.
 */
import { themeColor } from "../../theme/colors";
import { MARK } from "../data/frames";
import type { ColumnRing } from "../models/column-ring";
import { Spans } from "../models/spans";
import { seriesColour } from "../plot/colours";
import { inner, type Lane } from "../plot/lanes";
import type { Range } from "../plot/range";
import { SAMPLES_FROM, type TraceScale, trace, traceSamples, traceScale } from "../plot/trace";

export interface Picture {
  ring: ColumnRing;
  lanes: readonly Lane[];
  range: (group: string) => Range;
  /** Device pixels in a CSS pixel. */
  ratio: number;
  /** Columns hold several samples each. */
  fill: boolean;
}

/** Draw columns `from` up to `to`: column k at pixel floor(k * scale - offset). */
export function paintColumns(
  context: CanvasRenderingContext2D,
  picture: Picture,
  spans: Spans,
  from: number,
  to: number,
  scale: number,
  offset: number,
): void {
  const { ring, lanes, ratio, fill } = picture;
  paintGaps(context, ring, from, to, scale, offset);
  context.lineWidth = Math.max(1, Math.round(ratio * 1.15));
  context.lineJoin = "bevel";
  for (const lane of lanes) {
    const [top, bottom] = inner(lane);
    const [min, max] = picture.range(lane.group);
    const place: TraceScale = traceScale(min, max, top * ratio, bottom * ratio);
    for (const channel of lane.channels) {
      context.strokeStyle = seriesColour(channel);
      context.beginPath();
      if (!fill && scale >= SAMPLES_FROM)
        traceSamples(context, ring, channel, [from, to], [scale, offset], place);
      else {
        spans.read(ring, channel, from, to, scale, offset, fill);
        trace(context, spans, 0, place);
      }
      context.stroke();
    }
  }
}

/** What is lost stands out over the whole height; what was out of range is marked at the top. */
function paintGaps(
  context: CanvasRenderingContext2D,
  ring: ColumnRing,
  from: number,
  to: number,
  scale: number,
  offset: number,
): void {
  const { marks } = ring;
  const height = context.canvas.height;
  const wide = Math.max(1, Math.ceil(scale));
  for (let column = Math.max(from, ring.begin); column < Math.min(to, ring.end); column++) {
    const mark = marks[ring.slot(column)] as number;
    if (mark === 0) continue;
    const x = Math.floor(column * scale - offset);
    if (mark & MARK.lost) {
      context.fillStyle = themeColor("--plot-gap");
      context.fillRect(x, 0, wide, height);
    }
    if (mark & MARK.clipped) {
      context.fillStyle = themeColor("--err");
      context.fillRect(x, 0, wide, 3);
    }
  }
}

/** Pixels at the write position of a sweep that are kept empty. */
const ERASE = 14;

export class StripPainter {
  private readonly image = document.createElement("canvas");
  private readonly spans = new Spans(1);
  private trail: Spans = this.spans;
  /** Column behind the newest that is in the image. */
  private drawn = 0;
  private scale = 1;

  /** The image gets another size, and is empty. */
  resize(width: number, height: number): void {
    this.image.width = width;
    this.image.height = height;
    this.trail = new Spans(width + 4);
  }

  get width(): number {
    return this.image.width;
  }

  /** Absolute pixel of a column. */
  private pixel(column: number): number {
    return Math.floor(column * this.scale);
  }

  /**
   * Bring the image up to date. `columns` are as many as the width shows; `all` draws everything again.
   * Returns absolute pixels [from, to) that are new, at most a width; null when nothing is.
   */
  update(picture: Picture, columns: number, all: boolean): [number, number] | null {
    const { ring } = picture;
    const { width } = this;
    this.scale = width / columns;
    const begin = Math.max(ring.begin, ring.end - columns);
    const fresh = all || this.drawn > ring.end || this.drawn <= begin;
    const from = fresh ? begin : this.drawn;
    if (!fresh && from === ring.end) return null;
    this.drawn = ring.end;
    if (ring.count === 0) {
      this.context().clearRect(0, 0, width, this.image.height);
      return [0, width];
    }
    // A column that is wider than a pixel reaches up to the next one.
    const last = Math.max(this.pixel(ring.end - 1), this.pixel(ring.end) - 1);
    // The pixel that the newest column before lies in stays: the line goes on from there.
    const first = fresh ? last - width + 1 : Math.max(this.pixel(from), this.pixel(from - 1) + 1);
    const start = Math.max(first, last - width + 1);
    this.erase(start, last + 1);
    const lead = fresh ? from : from - 1;
    this.paint(picture, lead, ring.end, last);
    // The pixel before has more in it now, where both columns lie in one.
    return [fresh ? Math.min(start, last) : this.pixel(lead), last + 1];
  }

  private context(): CanvasRenderingContext2D {
    const context = this.image.getContext("2d");
    if (!context) throw new Error("this browser has no 2d canvas");
    return context;
  }

  private erase(from: number, to: number): void {
    const { width } = this;
    const context = this.context();
    const slot = ((from % width) + width) % width;
    const count = Math.min(width, to - from);
    const run = Math.min(count, width - slot);
    context.clearRect(slot, 0, run, this.image.height);
    if (count > run) context.clearRect(0, 0, count - run, this.image.height);
  }

  /** The ring's end may lie within what is drawn: then it is drawn twice, each time cut off by the image's edge. */
  private paint(picture: Picture, from: number, to: number, last: number): void {
    const { width, scale } = this;
    const context = this.context();
    const lap = Math.floor(last / width) * width;
    paintColumns(context, picture, this.trail, from, to, scale, lap);
    if (this.pixel(from) < lap) paintColumns(context, picture, this.trail, from, to, scale, lap - width);
  }

  /** The newest pixel. */
  private newest(): number {
    return this.drawn > 0 ? Math.max(this.pixel(this.drawn - 1), this.pixel(this.drawn) - 1) : -1;
  }

  /** Show the newest width of the image, the newest pixel at the right edge. */
  scroll(target: CanvasRenderingContext2D): void {
    const { width, image } = this;
    const newest = this.newest();
    const split = (((newest < 0 ? width - 1 : newest) % width) + width) % width;
    const tail = width - 1 - split;
    if (tail > 0) target.drawImage(image, split + 1, 0, tail, image.height, 0, 0, tail, image.height);
    target.drawImage(image, 0, 0, split + 1, image.height, tail, 0, split + 1, image.height);
  }

  /** Places of new pixels in a sweep, as [start, length] within the width, with the gap before the oldest. */
  sweepParts(from: number, to: number): [number, number][] {
    const { width } = this;
    const start = ((from % width) + width) % width;
    const length = Math.min(width, to - from + ERASE);
    const run = Math.min(length, width - start);
    return run < length
      ? [
          [start, run],
          [0, length - run],
        ]
      : [[start, run]];
  }

  /** Copy a part of the image to its own place; what lies in the gap is left empty. */
  sweep(target: CanvasRenderingContext2D, start: number, length: number): void {
    const { image, width } = this;
    target.drawImage(image, start, 0, length, image.height, start, 0, length, image.height);
    const newest = this.newest();
    const head = (((newest + 1) % width) + width) % width;
    target.fillStyle = themeColor("--plot-bg");
    target.fillRect(head, 0, Math.min(ERASE, width - head), image.height);
    if (head + ERASE > width) target.fillRect(0, 0, head + ERASE - width, image.height);
  }
}
