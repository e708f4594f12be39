/** Strip: the course of channels over time, smallest and largest value of every column. */
import type { StreamChannel } from "../data/describe";
import type { ColumnRing } from "../models/column-ring";
import type { StripModel } from "../models/models";
import { Spans } from "../models/spans";
import type { PanelOptions } from "../panel/options";
import { inner, LaneRanges } from "../plot/lanes";
import type { Range } from "../plot/range";
import type { Scale } from "../plot/scale";
import { Stage } from "../plot/stage";
import { clock, quantity } from "../plot/units";
import type { PlotAxes, PlotView, Reading } from "../plot/view";
import { columnsSummary, columnsTable, largestColumn, readColumn } from "./columns-text";
import type { Surroundings } from "./create";
import { LaneFrame, shownChannels } from "./lane-frame";
import { type Picture, paintColumns, StripPainter } from "./strip-paint";

export class StripView implements PlotView {
  readonly stage: Stage;
  private readonly painter = new StripPainter();
  private readonly ranges = new LaneRanges();
  private readonly frame: LaneFrame;
  private spans = new Spans(1);
  private model: StripModel;
  private options: PanelOptions;
  private stale = true;
  private followed = 0;
  private still: { ring: ColumnRing; time: number } | null = null;
  private zoomed: Range | null = null;
  private handY: Range | null = null;

  constructor(host: HTMLElement, model: StripModel, { options }: Surroundings, changed: () => void) {
    this.stage = new Stage(host, changed);
    this.frame = new LaneFrame(this.stage, this.ranges);
    this.model = model;
    this.options = options;
    this.ranges.fix(options.y);
  }

  set(model: StripModel, { options }: Surroundings): void {
    if (model !== this.model || options.each !== this.options.each) this.ranges.reset();
    this.model = model;
    this.options = options;
    this.ranges.fix(this.handY ?? options.y);
    this.stale = true;
  }

  invalidate(): void {
    this.stale = true;
  }

  private get ring(): ColumnRing {
    return this.still?.ring ?? this.model.ring;
  }

  private get channels(): StreamChannel[] {
    return this.model.description.channels;
  }

  private shown(): number[] {
    return shownChannels(this.channels, this.options.hidden);
  }

  /** Seconds that the width shows. */
  private get window(): number {
    return this.model.ring.capacity * this.model.columnSeconds;
  }

  /** What of time is seen: absolute where it stands still, else relative to the newest column or the sweep's start. */
  private span(): Range {
    if (this.zoomed) return this.zoomed;
    if (this.still) return [this.still.time - this.window, this.still.time];
    return this.options.mode === "sweep" ? [0, this.window] : [-this.window, 0];
  }

  private scaleX(): Scale {
    const [min, max] = this.span();
    return { min, max, log: false, pixels: this.stage.area.width, up: false };
  }

  draw(now: number): void {
    const { ring, frame, stage } = this;
    if (stage.refresh()) this.stale = true;
    if (stage.width < 40 || stage.height < 40) return;
    if (!this.still && this.ranges.follow(frame.lanes, ring, this.followed, now / 1000)) this.stale = true;
    this.followed = ring.end;
    const all = this.stale;
    this.stale = false;
    if (all) this.layout(now);
    const context = stage.context(stage.plot, true);
    context.setTransform(1, 0, 0, 1, 0, 0);
    if (this.still) this.drawStill(context);
    else this.drawLive(context, all);
  }

  private layout(now: number): void {
    const { stage, channels, options, frame } = this;
    frame.divide(channels, this.shown(), options.layout === "auto" ? "stack" : options.layout, options.each);
    if (!this.still) this.ranges.follow(frame.lanes, this.ring, this.ring.begin, now / 1000);
    frame.place(channels, () => this.scaleX());
    this.painter.resize(stage.plot.width, stage.plot.height);
    this.spans = new Spans(stage.plot.width + 4);
  }

  private picture(): Picture {
    return {
      ring: this.ring,
      lanes: this.frame.lanes,
      range: (group) => this.ranges.of(group),
      ratio: this.stage.ratio,
      fill: this.model.description.samplesPerColumn > 1,
    };
  }

  private drawLive(context: CanvasRenderingContext2D, all: boolean): void {
    const { painter, stage } = this;
    const fresh = painter.update(this.picture(), this.ring.capacity, all);
    if (!fresh && !all) return;
    const { width, height } = stage.plot;
    if (this.options.mode === "scroll") {
      this.ground(context, 0, width);
      painter.scroll(context);
      return;
    }
    const parts: [number, number][] = all || !fresh ? [[0, width]] : painter.sweepParts(...fresh);
    for (const [start, length] of parts) {
      context.save();
      context.beginPath();
      context.rect(start, 0, length, height);
      context.clip();
      this.ground(context, start, length);
      painter.sweep(context, start, length);
      context.restore();
    }
  }

  private drawStill(context: CanvasRenderingContext2D): void {
    const { stage, model } = this;
    const { width } = stage.plot;
    this.ground(context, 0, width);
    const [from, to] = this.span();
    const seconds = model.columnSeconds;
    const scale = (width * seconds) / (to - from);
    const first = Math.floor(from / seconds) - 1;
    const last = Math.ceil(to / seconds) + 1;
    paintColumns(context, this.picture(), this.spans, first, last, scale, (from / seconds) * scale);
  }

  private ground(context: CanvasRenderingContext2D, start: number, length: number): void {
    this.frame.ground(context, this.scaleX(), start, length);
  }

  axes(): PlotAxes | null {
    const { area } = this.stage;
    const [lane] = this.frame.lanes;
    if (!lane || area.width < 2) return null;
    const one = this.frame.lanes.length === 1;
    return { area, x: this.scaleX(), y: one ? { ...this.frame.scaleY(lane), pixels: area.height } : null };
  }

  /** Absolute time of a place on the x axis. */
  private absolute(x: number): number {
    if (this.still) return x;
    const now = this.ring.end * this.model.columnSeconds;
    if (this.options.mode === "scroll") return now + x;
    const { window } = this;
    const lap = Math.floor(now / window) * window;
    return x <= now - lap ? lap + x : lap - window + x;
  }

  private columnAt(x: number): number {
    return Math.floor(this.absolute(x) / this.model.columnSeconds + 1e-6);
  }

  read(x: number): Reading | null {
    const values = readColumn(this.ring, this.channels, this.shown(), this.columnAt(x));
    return values && { x, values };
  }

  peakNear(x: number, pixels: number): number {
    const scale = this.scaleX();
    const reach = ((scale.max - scale.min) * pixels) / scale.pixels;
    const at = this.columnAt(x);
    const most = Math.ceil(reach / this.model.columnSeconds);
    const found = largestColumn(this.ring, this.shown(), at - most, at + most + 1);
    return found === null ? x : x + (found - at) * this.model.columnSeconds;
  }

  step(x: number, count: number): number {
    return x + count * this.model.columnSeconds;
  }

  writeX(x: number): string {
    if (this.ring.count === 0) return "–";
    const { columnSeconds } = this.model;
    const places = columnSeconds < 1e-4 ? 6 : columnSeconds < 1e-3 ? 5 : 4;
    const time = this.absolute(x);
    return Math.abs(time) < 60 ? `${time.toFixed(places)} s`.replace("-", "−") : clock(time);
  }

  writeDifference(a: number, b: number): string[] {
    const seconds = Math.abs(this.absolute(b) - this.absolute(a));
    return [`Δt ${quantity(seconds, "s")}`, `1/Δt ${seconds > 0 ? quantity(1 / seconds, "Hz") : "–"}`];
  }

  writeY(difference: number, index: number): string {
    return quantity(difference, this.channels[this.shown()[index] ?? 0]?.unit ?? "");
  }

  zoom(x: Range | null): void {
    if (!this.still) return;
    const seconds = this.model.columnSeconds;
    if (x && x[1] - x[0] < 4 * seconds) return;
    const newest = this.still.time;
    const oldest = Math.min(this.still.ring.begin * seconds, newest - this.window);
    this.zoomed = x && [Math.max(x[0], oldest), Math.min(x[1], newest)];
    this.stale = true;
  }

  zoomY(range: Range | null): void {
    this.handY = range;
    this.ranges.fix(range ?? this.options.y);
    this.stale = true;
  }

  freeze(on: boolean): void {
    if (on === (this.still !== null)) return;
    const { ring, columnSeconds } = this.model;
    this.still = on ? { ring: ring.clone(), time: ring.end * columnSeconds } : null;
    this.zoomed = null;
    this.stale = true;
  }

  /** Columns that are seen now. */
  private seen(): [number, number] {
    const { ring } = this;
    if (!this.still) return [ring.begin, ring.end];
    const [from, to] = this.span();
    const seconds = this.model.columnSeconds;
    return [Math.max(ring.begin, Math.floor(from / seconds)), Math.min(ring.end, Math.ceil(to / seconds))];
  }

  private readonly timeOf = (column: number): number => column * this.model.columnSeconds;

  summary(): string {
    return columnsSummary(this.ring, this.channels, this.shown(), this.seen(), this.timeOf, this.model.gaps);
  }

  table(): string | null {
    const single = this.model.description.samplesPerColumn <= 1;
    return columnsTable(this.ring, this.channels, this.shown(), this.seen(), this.timeOf, single);
  }

  probe(): Record<string, unknown> {
    const { ring, model } = this;
    const [min, max] = ring.extent(this.shown());
    const [lane] = this.frame.lanes;
    return {
      columns: ring.count,
      capacity: ring.capacity,
      channels: ring.channels,
      begin: ring.begin,
      end: ring.end,
      min,
      max,
      gaps: model.gaps,
      clipped: model.clipped,
      time: model.time,
      // Where a value of the first lane lies on the screen, for tests that look at pixels.
      lane: lane ? { inner: inner(lane), range: this.ranges.of(lane.group) } : null,
      area: this.stage.area,
      span: this.span(),
    };
  }

  layers(): HTMLCanvasElement[] {
    return [this.stage.base, this.stage.plot, this.stage.overlay];
  }

  destroy(): void {
    this.stage.destroy();
    this.painter.resize(0, 0);
  }
}
