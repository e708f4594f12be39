/** Scope: a triggered window, whole each time; time counts from the trigger. */
import { themeColor } from "../../theme/colors";
import type { StreamChannel } from "../data/describe";
import type { ColumnRing } from "../models/column-ring";
import type { ScopeModel } from "../models/models";
import { Spans } from "../models/spans";
import type { PanelOptions } from "../panel/options";
import { FONT } from "../plot/axes";
import { inner, type Lane, LaneRanges } from "../plot/lanes";
import type { Range } from "../plot/range";
import { type Scale, toPixel } from "../plot/scale";
import { Stage } from "../plot/stage";
import { quantity } from "../plot/units";
import type { PlotAxes, PlotView, Reading } from "../plot/view";
import { columnsSummary, columnsTable, largestColumn, readColumn } from "./columns-text";
import type { Surroundings } from "./create";
import { LaneFrame, shownChannels } from "./lane-frame";
import { paintColumns } from "./strip-paint";

export class ScopeView implements PlotView {
  readonly stage: Stage;
  private readonly ranges = new LaneRanges();
  private readonly frame: LaneFrame;
  private spans = new Spans(1);
  private model: ScopeModel;
  private options: PanelOptions;
  private stale = true;
  private still: { ring: ColumnRing; trigger: number | null } | null = null;
  private zoomed: Range | null = null;
  private handY: Range | null = null;
  private said = "";

  constructor(host: HTMLElement, model: ScopeModel, { options }: Surroundings, changed: () => void) {
    this.stage = new Stage(host, changed);
    this.frame = new LaneFrame(this.stage, this.ranges);
    this.model = model;
    this.options = options;
    this.ranges.fix(options.y);
  }

  set(model: ScopeModel, { options }: Surroundings): void {
    if (model !== this.model || options.each !== this.options.each) this.ranges.reset();
    if (model !== this.model) this.zoomed = null;
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

  private get trigger(): number | null {
    return this.still ? this.still.trigger : this.model.trigger;
  }

  private get channels(): StreamChannel[] {
    return this.model.description.channels;
  }

  private shown(): number[] {
    return shownChannels(this.channels, this.options.hidden);
  }

  /** Column that time counts from: where the trigger is, or would be. */
  private get zero(): number {
    return this.trigger ?? Math.round(this.share * this.columns);
  }

  /** Of the window, before the trigger. */
  private get share(): number {
    const { pre } = this.model.description.options;
    return typeof pre === "number" ? pre : 0.5;
  }

  private get columns(): number {
    return this.ring.count || this.model.description.columns || 1;
  }

  private whole(): Range {
    // Of the description, so that the axis stands still when the trigger's column moves by one.
    const zero = this.share * this.columns;
    const seconds = this.model.columnSeconds;
    return [-zero * seconds, (this.columns - zero) * seconds];
  }

  private scaleX(): Scale {
    const [min, max] = this.zoomed ?? this.whole();
    return { min, max, log: false, pixels: this.stage.area.width, up: false };
  }

  draw(now: number): void {
    const { ring, frame, stage } = this;
    if (stage.refresh()) this.stale = true;
    if (stage.width < 40 || stage.height < 40) return;
    if (!this.still && this.ranges.follow(frame.lanes, ring, ring.begin, now / 1000)) this.stale = true;
    if (this.stale) this.layout(now);
    this.stale = false;
    const context = stage.context(stage.plot, true);
    context.setTransform(1, 0, 0, 1, 0, 0);
    const { width } = stage.plot;
    const x = this.scaleX();
    frame.ground(context, x, 0, width);
    this.drawTrigger(context, x);
    const scale = (width * this.model.columnSeconds) / (x.max - x.min);
    const offset = (x.min / this.model.columnSeconds + this.zero) * scale;
    const picture = {
      ring,
      lanes: frame.lanes,
      range: (group: string) => this.ranges.of(group),
      ratio: stage.ratio,
      fill: this.model.description.samplesPerColumn > 1,
    };
    paintColumns(context, picture, this.spans, ring.begin, ring.end, scale, offset);
    this.drawState();
  }

  private layout(now: number): void {
    const { channels, options, frame, stage } = this;
    frame.divide(
      channels,
      this.shown(),
      options.layout === "auto" ? this.usual() : options.layout,
      options.each,
    );
    if (!this.still) this.ranges.follow(frame.lanes, this.ring, 0, now / 1000);
    frame.place(channels, () => this.scaleX());
    this.said = "";
    this.spans = new Spans(Math.max(stage.plot.width, this.columns) + 4);
  }

  /** One on top of the other, as on a screen of glass, where all are of one unit. */
  private usual(): "overlay" | "stack" {
    const units = new Set(this.shown().map((index) => this.channels[index]?.unit));
    return units.size > 1 ? "stack" : "overlay";
  }

  private sourceLane(): { lane: Lane; channel: number } | null {
    const name = this.options.source ?? this.channels[0]?.name;
    const channel = this.channels.findIndex((one) => one.name === name);
    const lane = this.frame.lanes.find((one) => one.channels.includes(channel));
    return lane ? { lane, channel } : null;
  }

  /** Lines of the trigger: its time and its level. */
  private drawTrigger(context: CanvasRenderingContext2D, x: Scale): void {
    const { ratio, plot } = this.stage;
    const source = this.sourceLane();
    context.save();
    context.strokeStyle = themeColor("--plot-cursor-b");
    context.globalAlpha = 0.75;
    context.lineWidth = Math.max(1, Math.round(ratio));
    context.setLineDash([3 * ratio, 4 * ratio]);
    context.beginPath();
    const left = Math.round(toPixel({ ...x, pixels: plot.width }, 0)) + 0.5;
    context.moveTo(left, 0);
    context.lineTo(left, plot.height);
    if (source) {
      const scale = this.frame.scaleY(source.lane, ratio);
      const top = Math.round(inner(source.lane)[0] * ratio + toPixel(scale, this.options.level)) + 0.5;
      context.moveTo(0, top);
      context.lineTo(plot.width, top);
    }
    context.stroke();
    context.restore();
  }

  /** Above the plot, where no line is in the way; written when it is another. */
  private drawState(): void {
    const { sweeps } = this.model;
    const text = sweeps === 0 ? "Waiting for trigger" : this.trigger === null ? "Free-running" : "Triggered";
    if (text === this.said) return;
    this.said = text;
    const { area, base } = this.stage;
    const context = this.stage.context(base, true);
    const right = area.left + area.width;
    context.fillStyle = themeColor("--plot-bg");
    context.fillRect(right - 130, area.top - 22, 130, 20);
    context.font = FONT;
    context.textAlign = "right";
    context.textBaseline = "alphabetic";
    context.fillStyle = themeColor(this.trigger === null ? "--text-3" : "--ok");
    context.fillText(text, right, area.top - 10);
  }

  axes(): PlotAxes | null {
    const { area } = this.stage;
    const [lane] = this.frame.lanes;
    if (!lane || area.width < 2) return null;
    const one = this.frame.lanes.length === 1;
    return { area, x: this.scaleX(), y: one ? { ...this.frame.scaleY(lane), pixels: area.height } : null };
  }

  private columnAt(x: number): number {
    return Math.floor(x / this.model.columnSeconds + this.zero + 1e-6);
  }

  private readonly timeOf = (column: number): number => (column - this.zero) * this.model.columnSeconds;

  read(x: number): Reading | null {
    const column = this.columnAt(x);
    const values = readColumn(this.ring, this.channels, this.shown(), column);
    return values && { x: this.timeOf(column), values };
  }

  peakNear(x: number, pixels: number): number {
    const scale = this.scaleX();
    const reach = ((scale.max - scale.min) * pixels) / scale.pixels;
    const most = Math.ceil(reach / this.model.columnSeconds);
    const at = this.columnAt(x);
    const found = largestColumn(this.ring, this.shown(), at - most, at + most + 1);
    return found === null ? x : this.timeOf(found);
  }

  step(x: number, count: number): number {
    return this.timeOf(this.columnAt(x) + count);
  }

  writeX(x: number): string {
    return quantity(x, "s");
  }

  writeDifference(a: number, b: number): string[] {
    const seconds = Math.abs(b - a);
    return [`Δt ${quantity(seconds, "s")}`, `1/Δt ${seconds > 0 ? quantity(1 / seconds, "Hz") : "–"}`];
  }

  writeY(difference: number, index: number): string {
    return quantity(difference, this.channels[this.shown()[index] ?? 0]?.unit ?? "");
  }

  zoom(x: Range | null): void {
    const [min, max] = this.whole();
    if (x && x[1] - x[0] < 4 * this.model.columnSeconds) return;
    this.zoomed = x && [Math.max(x[0], min), Math.min(x[1], max)];
    this.stale = true;
  }

  zoomY(range: Range | null): void {
    this.handY = range;
    this.ranges.fix(range ?? this.options.y);
    this.stale = true;
  }

  freeze(on: boolean): void {
    this.still = on ? { ring: this.model.ring.clone(), trigger: this.model.trigger } : null;
    this.stale = true;
  }

  private seen(): [number, number] {
    const { min, max } = this.scaleX();
    return [Math.max(0, this.columnAt(min)), Math.min(this.ring.end, this.columnAt(max) + 1)];
  }

  summary(): string {
    const state = this.trigger === null ? "Not triggered." : "Triggered.";
    return `${state} ${columnsSummary(this.ring, this.channels, this.shown(), this.seen(), this.timeOf, this.model.gaps)}`;
  }

  table(): string | null {
    const single = this.model.description.samplesPerColumn <= 1;
    return columnsTable(this.ring, this.channels, this.shown(), this.seen(), this.timeOf, single);
  }

  probe(): Record<string, unknown> {
    const [min, max] = this.ring.extent(this.shown());
    const { sweeps, time } = this.model;
    return { columns: this.ring.count, min, max, sweeps, trigger: this.trigger, time, area: this.stage.area };
  }

  layers(): HTMLCanvasElement[] {
    return [this.stage.base, this.stage.plot, this.stage.overlay];
  }

  destroy(): void {
    this.stage.destroy();
  }
}
