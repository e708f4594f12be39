/** Spectrum: lines over frequency or order, or bars of octave bands; held peaks and limits with it. */
import { themeColor } from "../../theme/colors";
import type { StreamChannel } from "../data/describe";
import type { SpectrumModel } from "../models/models";
import type { PanelOptions } from "../panel/options";
import { clear, frame, gridX, gridY, labelRoom, labelsX, labelsY, titleY } from "../plot/axes";
import { seriesColour } from "../plot/colours";
import { type LevelRule, levelRule, plainScale, toLevel, toLevels } from "../plot/decibels";
import { LevelRange } from "../plot/level-range";
import { judgesChannel } from "../plot/limits";
import { bars, caps, type LineDrawing, LinePlot, type LineSeries, lineThrough } from "../plot/lines";
import { AutoRange, type Range } from "../plot/range";
import { type Scale, toPixel, toValue } from "../plot/scale";
import { Stage } from "../plot/stage";
import { linearTicks, type Tick } from "../plot/ticks";
import { fixed, quantity } from "../plot/units";
import type { PlotAxes, PlotView, Reading } from "../plot/view";
import type { LimitCurve, Surroundings } from "./create";
import { FrequencyAxis } from "./frequency-axis";
import { drawLimits, drawPeaks, type Marks, spectrumSummary, spectrumTable } from "./spectrum-marks";

const BAR_GAP = 0.14;

export class SpectrumView implements PlotView {
  readonly stage: Stage;
  private readonly lines: LinePlot;
  private readonly levels = new LevelRange();
  private readonly auto = new AutoRange(3);
  private model: SpectrumModel;
  private options: PanelOptions;
  private limits: readonly LimitCurve[];
  private stale = true;
  private still: { values: Float32Array; hold: Float32Array | null; peaks: Float32Array } | null = null;
  private zoomed: Range | null = null;
  private handY: Range | null = null;
  private axis: FrequencyAxis;
  private rows: Float32Array[] = [];
  private xTicks: Tick[] = [];
  private yTicks: Tick[] = [];
  private y: Range = [-100, 0];

  constructor(
    host: HTMLElement,
    model: SpectrumModel,
    { options, limits }: Surroundings,
    changed: () => void,
  ) {
    this.stage = new Stage(host, changed);
    this.lines = new LinePlot(
      this.stage,
      (drawing) => this.ground(drawing),
      (drawing) => this.over(drawing),
    );
    this.model = model;
    this.options = options;
    this.limits = limits;
    this.axis = new FrequencyAxis(model.description, options.frequency);
  }

  set(model: SpectrumModel, { options, limits }: Surroundings): void {
    if (
      model !== this.model ||
      options.decibels !== this.options.decibels ||
      options.span !== this.options.span
    ) {
      this.levels.reset();
      this.auto.reset();
    }
    if (model !== this.model) this.zoomed = null;
    this.model = model;
    this.options = options;
    this.limits = limits;
    this.axis = new FrequencyAxis(model.description, options.frequency);
    this.stale = true;
  }

  invalidate(): void {
    this.stale = true;
  }

  private get channels(): StreamChannel[] {
    return this.model.description.channels;
  }

  private shown(): number[] {
    const all = this.channels.map((_, index) => index);
    const left = all.filter((index) => !this.options.hidden.includes(this.channels[index]?.name ?? ""));
    return left.length > 0 ? left : all;
  }

  private rule(index: number): LevelRule {
    const channel = this.channels[index];
    if (!channel) return { plain: true, factor: 1, reference: 1, label: "" };
    return levelRule(channel, this.model.description, this.options.decibels);
  }

  /** Whether the y axis counts decibels. */
  private get inLevels(): boolean {
    const rule = this.rule(this.shown()[0] ?? 0);
    return !rule.plain || rule.label.startsWith("dB");
  }

  private get now() {
    const { values, hold, peaks } = this.still ?? this.model;
    return { values, hold, peaks };
  }

  private get scaleX(): Scale {
    return this.axis.scale(this.zoomed ?? this.axis.whole(), this.stage.area.width);
  }

  private get scaleY(): Scale {
    return { min: this.y[0], max: this.y[1], log: false, pixels: this.stage.area.height, up: true };
  }

  draw(now: number): void {
    const { stage, model } = this;
    if (stage.refresh()) this.stale = true;
    if (stage.width < 40 || stage.height < 40) return;
    const points = model.description.x.length;
    const { values } = this.now;
    if (points > 1 && values.length >= points) this.convert(points);
    else this.rows = [];
    if (this.follow(now / 1000)) this.stale = true;
    if (this.stale) this.layout();
    this.stale = false;
    if (this.rows.length === 0) this.lines.destroy();
    else this.lines.draw(this.axis.places, this.series(), this.rows, { x: this.scaleX, y: this.scaleY });
  }

  private convert(points: number): void {
    const { values, hold } = this.now;
    const row = (from: Float32Array, index: number, into: number) => {
      const kept = this.rows[into];
      const target = kept?.length === points ? kept : new Float32Array(points);
      toLevels(from.subarray(index * points, (index + 1) * points), this.rule(index), target);
      this.rows[into] = target;
    };
    const shown = this.shown();
    for (const [place, index] of shown.entries()) row(values, index, place);
    if (hold) for (const [place, index] of shown.entries()) row(hold, index, shown.length + place);
    this.rows.length = shown.length * (hold ? 2 : 1);
  }

  private series(): LineSeries[] {
    const shown = this.shown();
    const count = shown.length;
    const held = this.rows.length > count;
    const colour = (place: number) => seriesColour(shown[place] ?? 0);
    const main = shown.map((_, place) => ({
      colour: colour(place),
      width: this.axis.bands ? 0 : 1.25,
      paths: this.axis.bands ? bars(place, count, BAR_GAP) : lineThrough(),
    }));
    if (!held) return main;
    const above = shown.map((_, place) => ({
      colour: this.axis.bands ? themeColor("--text-2") : faded(colour(place)),
      width: this.axis.bands ? 0 : 1,
      paths: this.axis.bands ? caps(place, count, BAR_GAP, 2 * this.stage.ratio) : lineThrough(),
    }));
    return [...main, ...above];
  }

  /** Smallest and largest value within what is seen of x. */
  private extent(): Range {
    const { min, max } = this.scaleX;
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const row of this.rows) {
      for (let at = 0; at < row.length; at++) {
        const x = this.axis.places[at] as number;
        const value = row[at] as number;
        if (x < min || x > max || !Number.isFinite(value)) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
    return this.withLimits([low, high]);
  }

  /** Limits near the values are seen with them. */
  private withLimits([low, high]: Range): Range {
    if (!this.options.limits || this.model.description.source === "transform") return [low, high];
    const [bottom, top] = [low, high];
    for (const limit of this.limits) {
      const judged = this.shown().find((index) => judgesChannel(limit, this.channels[index]?.name ?? ""));
      if (judged === undefined) continue;
      for (const [, value] of limit.points) {
        const level = toLevel(value, this.rule(judged));
        const near = this.inLevels ? 40 : high - low;
        if (level > high && level < top + near) high = level;
        if (level < low && level > bottom - near) low = level;
      }
    }
    return [low, high];
  }

  private follow(now: number): boolean {
    const fixed = this.handY ?? this.options.y;
    let wanted: Range = fixed ?? this.y;
    if (!fixed) {
      const [low, high] = this.extent();
      if (this.inLevels) this.levels.follow(low, high, this.options.span, now);
      else this.auto.follow(Math.min(0, low), high, now);
      wanted = (this.inLevels ? this.levels.current : this.auto.current) ?? this.y;
    }
    if (wanted[0] === this.y[0] && wanted[1] === this.y[1]) return false;
    this.y = wanted;
    return true;
  }

  private layout(): void {
    const { stage } = this;
    const channel = this.channels[this.shown()[0] ?? 0];
    const height = stage.height - 48;
    const { factor, unit } = this.plain(channel);
    this.yTicks = linearTicks(this.y[0], this.y[1], Math.max(2, height / 40), factor);
    stage.place([24, 14, 24, labelRoom(this.yTicks, 24)]);
    this.xTicks = this.axis.ticks(this.scaleX);
    const context = stage.context(stage.base, true);
    const drawing = { context, area: stage.area, ratio: stage.ratio };
    clear(context, stage.width, stage.height);
    labelsX(drawing, this.scaleX, this.xTicks, this.axis.unit);
    labelsY(drawing, this.scaleY, this.yTicks);
    titleY(drawing, this.inLevels ? this.levelLabel() : unit);
    frame(drawing);
  }

  private plain(channel: StreamChannel | undefined): { factor: number; unit: string } {
    if (!channel || this.inLevels) return { factor: 1, unit: "dB" };
    return plainScale(channel, Math.max(Math.abs(this.y[0]), Math.abs(this.y[1])));
  }

  private ground({ context, width, height }: LineDrawing): void {
    context.fillStyle = themeColor("--plot-bg");
    context.fillRect(0, 0, width, height);
    const drawing = { context, area: { left: 0, top: 0, width, height }, ratio: 1 };
    if (!this.axis.bands) gridX(drawing, { ...this.scaleX, pixels: width }, this.xTicks, this.axis.log);
    gridY(drawing, { ...this.scaleY, pixels: height }, this.yTicks);
  }

  /** Limits and the largest lines, over the series. */
  private over(drawing: LineDrawing): void {
    const { width, height } = drawing;
    const x = { ...this.scaleX, pixels: width };
    const marks: Marks = { ...this.facts(), x, y: { ...this.scaleY, pixels: height } };
    if (this.options.limits && this.model.description.source !== "transform")
      drawLimits(drawing, marks, this.limits);
    if (!this.axis.bands && marks.shown.length <= 2) drawPeaks(drawing, marks, this.now.peaks);
  }

  private facts(): Omit<Marks, "x" | "y"> {
    return {
      axis: this.axis,
      channels: this.channels,
      shown: this.shown(),
      rule: (index) => this.rule(index),
      write: (value, index) => this.writeValue(value, index),
    };
  }

  /** References of all that is shown: they may differ. */
  private levelLabel(): string {
    const labels = [...new Set(this.shown().map((index) => this.rule(index).label))];
    return labels.length > 2 ? "dB" : labels.join(",  ");
  }

  private writeValue(value: number, index: number): string {
    if (this.inLevels) return Number.isFinite(value) ? `${fixed(value, 1)} dB` : "–";
    return quantity(value, this.channels[index]?.unit ?? "");
  }

  axes(): PlotAxes | null {
    if (this.rows.length === 0) return null;
    return { area: this.stage.area, x: this.scaleX, y: this.scaleY };
  }

  read(x: number): Reading | null {
    if (this.rows.length === 0) return null;
    const at = this.axis.nearest(x);
    const values = this.shown().map((index, place) => {
      const value = this.rows[place]?.[at] ?? Number.NaN;
      const { name = "" } = this.channels[index] ?? {};
      return { name, colour: seriesColour(index), value, text: this.writeValue(value, index) };
    });
    return { x: this.axis.places[at] as number, values };
  }

  peakNear(x: number, pixels: number): number {
    const scale = this.scaleX;
    const place = toPixel(scale, x);
    const [from, to] = [
      this.axis.nearest(toValue(scale, place - pixels)),
      this.axis.nearest(toValue(scale, place + pixels)),
    ];
    let [best, found] = [Number.NEGATIVE_INFINITY, this.axis.nearest(x)];
    for (const row of this.rows.slice(0, this.shown().length)) {
      for (let at = from; at <= to; at++) {
        const value = row[at] as number;
        if (value > best) [best, found] = [value, at];
      }
    }
    return this.axis.places[found] ?? x;
  }

  step(x: number, count: number): number {
    const at = this.axis.nearest(x) + count;
    return this.axis.places[Math.max(0, Math.min(this.axis.places.length - 1, at))] ?? x;
  }

  writeX(x: number): string {
    return this.axis.write(x);
  }

  writeDifference(a: number, b: number): string[] {
    return this.axis.writeDifference(a, b);
  }

  writeY(difference: number, index: number): string {
    return this.writeValue(difference, this.shown()[index] ?? 0);
  }

  zoom(x: Range | null): void {
    const kept = this.axis.kept(x);
    if (kept === undefined) return;
    this.zoomed = kept;
    this.stale = true;
  }

  zoomY(range: Range | null): void {
    this.handY = range;
    this.stale = true;
  }

  freeze(on: boolean): void {
    const { values, hold, peaks } = this.model;
    this.still = on ? { values: values.slice(), hold: hold?.slice() ?? null, peaks: peaks.slice() } : null;
    this.stale = true;
  }

  summary(): string {
    return spectrumSummary(this.facts(), this.rows, this.now.peaks);
  }

  table(): string | null {
    const unit = (index: number) =>
      this.inLevels ? this.rule(index).label : (this.channels[index]?.unit ?? "");
    const names = this.shown().map((index) => `${this.channels[index]?.name ?? ""} [${unit(index)}]`);
    return spectrumTable(this.axis, this.rows, names, this.scaleX);
  }

  probe(): Record<string, unknown> {
    const { peaks } = this.now;
    const { description, count, time } = this.model;
    return {
      points: description.x.length,
      axis: description.axis,
      spectra: count,
      time,
      peaks: this.channels.map(({ name }, index) => ({
        name,
        frequency: peaks[2 * index],
        value: peaks[2 * index + 1],
      })),
      range: this.y,
      limits: this.limits.length,
    };
  }

  layers(): HTMLCanvasElement[] {
    const { canvas } = this.lines;
    return [this.stage.base, ...(canvas ? [canvas] : []), this.stage.overlay];
  }

  destroy(): void {
    this.lines.destroy();
    this.stage.destroy();
  }
}

/** A colour that stands back. */
function faded(colour: string): string {
  return colour.replace(/^rgba?\(([^)]+?)(?:,\s*[\d.]+)?\)$/, (_, parts: string) => {
    const [red, green, blue] = parts.split(/[,\s]+/);
    return `rgba(${red}, ${green}, ${blue}, 0.45)`;
  });
}
