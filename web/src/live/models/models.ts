/** What of a stream is kept to be drawn, by kind. A frame goes in, views read; nothing here knows of canvases. */
import type { Description } from "../data/describe";
import {
  type ColumnsFrame,
  type DataFrame,
  FLAG,
  type LevelsFrame,
  type ScalarFrame,
  type SpectrumFrame,
  type WaterfallFrame,
} from "../data/frames";
import { ColumnRing } from "./column-ring";
import { History } from "./history";
import { RowRing } from "./rows";

/** Ten minutes of numbers at the server's largest rate. */
const HISTORY = 6000;
/** As long as a waterfall may show: two minutes at 50 rows a second. */
const ROWS = 6000;
const ROW_BYTES = 8 << 20;

abstract class Model {
  readonly description: Description;
  /** Seconds on the stream's axis, of the newest thing that came. */
  time = Number.NaN;
  gaps = 0;
  ended = false;

  constructor(description: Description) {
    this.description = description;
  }

  /** What all kinds have in common; returns true when the frame begins anew. */
  protected note(frame: DataFrame): boolean {
    const reset = (frame.flags & FLAG.reset) !== 0;
    if (!reset && (frame.flags & FLAG.gap) !== 0) this.gaps += 1;
    this.ended = (frame.flags & FLAG.eos) !== 0;
    return reset;
  }
}

export class StripModel extends Model {
  readonly kind = "strip";
  readonly ring: ColumnRing;
  clipped = false;

  constructor(description: Description) {
    super(description);
    // A window of fewer samples than columns has as many columns as samples.
    const { window } = description.options;
    const columns = description.columns || 1200;
    const wanted = typeof window === "number" ? Math.ceil(window / this.columnSeconds - 1e-9) : columns;
    this.ring = new ColumnRing(Math.max(2, Math.min(columns, wanted)), description.channels.length);
  }

  /** Seconds that a column covers. */
  get columnSeconds(): number {
    return this.description.samplesPerColumn / (this.description.rate ?? 1);
  }

  take(frame: ColumnsFrame): void {
    if (this.note(frame)) this.ring.clear();
    this.ring.append(frame.first, frame.values, frame.marks);
    if (frame.flags & FLAG.clipped) this.clipped = true;
    if (frame.columns > 0) this.time = this.ring.end * this.columnSeconds;
  }
}

export class ScopeModel extends Model {
  readonly kind = "scope";
  ring: ColumnRing;
  /** Column of the trigger, from 0; null when it ran free. */
  trigger: number | null = null;
  clipped = false;
  sweeps = 0;

  constructor(description: Description) {
    super(description);
    this.ring = new ColumnRing(description.columns || 1200, description.channels.length);
  }

  get columnSeconds(): number {
    return this.description.samplesPerColumn / (this.description.rate ?? 1);
  }

  take(frame: ColumnsFrame): void {
    this.note(frame);
    if (frame.columns === 0) return;
    if (frame.columns > this.ring.capacity) this.ring = new ColumnRing(frame.columns, frame.channels);
    this.ring.clear();
    this.ring.append(0, frame.values, frame.marks);
    this.trigger = frame.trigger > 0 ? frame.trigger - 1 : null;
    this.clipped = (frame.flags & FLAG.clipped) !== 0;
    this.time = frame.time;
    this.sweeps += 1;
  }
}

export class SpectrumModel extends Model {
  readonly kind = "spectrum";
  /** `[channel][point]`, as `hold` is. */
  values: Float32Array = new Float32Array(0);
  hold: Float32Array | null = null;
  peaks: Float32Array = new Float32Array(0);
  count = 0;

  take(frame: SpectrumFrame): void {
    this.note(frame);
    if (frame.columns === 0) return;
    this.values = frame.values;
    this.hold = frame.hold;
    this.peaks = frame.peaks;
    this.count = frame.rows;
    this.time = frame.time;
  }
}

export class WaterfallModel extends Model {
  readonly kind = "waterfall";
  readonly ring: RowRing;
  /** Time of row 0. */
  origin = 0;

  constructor(description: Description) {
    super(description);
    const points = Math.max(1, description.x.length);
    this.ring = new RowRing(Math.max(16, Math.min(ROWS, Math.floor(ROW_BYTES / points))), points);
  }

  get rowSeconds(): number {
    return this.description.rowSeconds ?? 0.05;
  }

  take(frame: WaterfallFrame): void {
    if (this.note(frame)) this.ring.clear();
    this.ring.append(frame.first, frame.cells);
    if (frame.rows === 0) return;
    this.origin = frame.time - (frame.first + frame.rows) * this.rowSeconds;
    this.time = frame.time;
  }
}

export class LevelsModel extends Model {
  readonly kind = "levels";
  values: Float32Array = new Float32Array(0);
  /** Samples at or beyond the range so far, by channel. */
  readonly clipped: Float64Array;

  constructor(description: Description) {
    super(description);
    this.clipped = new Float64Array(description.channels.length);
  }

  take(frame: LevelsFrame): void {
    this.note(frame);
    if (frame.columns === 0) return;
    this.values = frame.values;
    for (let channel = 0; channel < this.clipped.length; channel++) {
      const count = frame.values[4 * channel + 3] as number;
      if (count > 0) this.clipped[channel] = (this.clipped[channel] as number) + count;
    }
    this.time = frame.time;
  }
}

export class ScalarModel extends Model {
  readonly kind = "scalar";
  values: Float64Array = new Float64Array(0);
  readonly history: History;

  constructor(description: Description) {
    super(description);
    this.history = new History(HISTORY, Math.min(description.channels.length, 32));
  }

  take(frame: ScalarFrame): void {
    const reset = this.note(frame);
    if (reset) this.history.clear();
    if (frame.columns === 0) return;
    this.values = frame.values;
    // Numbers that were merged away on the line are no line: they may have been anything.
    const usual = Math.max(0.1, 1 / (this.description.rate ?? 10));
    const late = frame.time - this.time > 6 * usual;
    this.time = frame.time;
    this.history.push(frame.time, frame.values, late || (frame.flags & FLAG.gap) !== 0);
  }
}

export type StreamModel =
  | StripModel
  | ScopeModel
  | SpectrumModel
  | WaterfallModel
  | LevelsModel
  | ScalarModel;

export function modelFor(description: Description): StreamModel {
  switch (description.kind) {
    case "strip":
      return new StripModel(description);
    case "scope":
      return new ScopeModel(description);
    case "spectrum":
      return new SpectrumModel(description);
    case "waterfall":
      return new WaterfallModel(description);
    case "levels":
      return new LevelsModel(description);
    case "scalar":
      return new ScalarModel(description);
  }
}

/** Give a frame to a model; one of another kind is left alone and returns false. */
export function feed(model: StreamModel, frame: DataFrame): boolean {
  if (model.kind !== frame.kind) return false;
  (model.take as (frame: DataFrame) => void).call(model, frame);
  return true;
}
