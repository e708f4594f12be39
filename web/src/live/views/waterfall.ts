/** Waterfall: spectra as rows of colour, the newest on top, the older below. */
import { themeColor } from "../../theme/colors";
import type { WaterfallModel } from "../models/models";
import type { RowRing } from "../models/rows";
import type { PanelOptions } from "../panel/options";
import { clear, FONT, frame, gridX, labelRoom, labelsX, labelsY } from "../plot/axes";
import { pixels } from "../plot/colormap";
import { csv, exact } from "../plot/csv";
import { levelRule } from "../plot/decibels";
import type { Range } from "../plot/range";
import { type Scale, toPixel, toValue } from "../plot/scale";
import { type Area, Stage } from "../plot/stage";
import { linearTicks, type Tick, timeTicks, timeUnit } from "../plot/ticks";
import { clock, fixed } from "../plot/units";
import type { PlotAxes, PlotView, Reading } from "../plot/view";
import type { Surroundings } from "./create";
import { FrequencyAxis } from "./frequency-axis";
import { Contrast, RowImage } from "./row-image";

const BAR = 10;

export class WaterfallView implements PlotView {
  readonly stage: Stage;
  private readonly image = new RowImage();
  private readonly contrast = new Contrast();
  private model: WaterfallModel;
  private options: PanelOptions;
  private axis: FrequencyAxis;
  private stale = true;
  private still: { ring: RowRing; time: number } | null = null;
  private zoomed: Range | null = null;
  private xTicks: Tick[] = [];

  constructor(host: HTMLElement, model: WaterfallModel, { options }: Surroundings, changed: () => void) {
    this.stage = new Stage(host, changed);
    this.model = model;
    this.options = options;
    this.axis = new FrequencyAxis(model.description, options.frequency);
  }

  set(model: WaterfallModel, { options }: Surroundings): void {
    if (model !== this.model) {
      this.zoomed = null;
      this.contrast.reset();
    }
    this.model = model;
    this.options = options;
    this.axis = new FrequencyAxis(model.description, options.frequency);
    this.stale = true;
  }

  invalidate(): void {
    this.stale = true;
  }

  private get ring(): RowRing {
    return this.still?.ring ?? this.model.ring;
  }

  /** Rows that the height shows. */
  private get rows(): number {
    const seconds = this.options.window ?? 20;
    return Math.max(8, Math.min(this.model.ring.capacity, Math.round(seconds / this.model.rowSeconds)));
  }

  private scaleX(): Scale {
    return this.axis.scale(this.zoomed ?? this.axis.whole(), this.stage.area.width);
  }

  /** Decibels that cells 1 and 255 stand for, as the axis counts them. */
  private get bounds(): Range {
    const { description } = this.model;
    const number = (key: string, otherwise: number) => {
      const value = description.options[key];
      return typeof value === "number" ? value : otherwise;
    };
    const shift = this.shift;
    return [number("floor", -120) + shift, number("ceiling", 0) + shift];
  }

  /** From decibels re 1 unit, which the server counts in, to the reference of the channel. */
  private get shift(): number {
    const [channel] = this.model.description.channels;
    const rule = channel && levelRule(channel, this.model.description, true);
    return rule && !rule.plain ? -rule.factor * Math.log10(rule.reference) : 0;
  }

  private get label(): string {
    const [channel] = this.model.description.channels;
    return channel ? levelRule(channel, this.model.description, true).label : "dB";
  }

  private level(cell: number): number {
    const [floor, ceiling] = this.bounds;
    return cell === 0 ? Number.NaN : floor + ((cell - 1) / 254) * (ceiling - floor);
  }

  private cell(level: number): number {
    const [floor, ceiling] = this.bounds;
    return 1 + (254 * (level - floor)) / (ceiling - floor);
  }

  /** Darkest and lightest colour, in decibels. */
  private colourRange(): Range {
    const { floor, ceiling } = this.options;
    const [dark, light] = this.contrast.range;
    const low = floor === null ? this.level(dark) : floor + this.shift;
    const high = ceiling === null ? this.level(light) : ceiling + this.shift;
    return low < high ? [low, high] : [low, low + 10];
  }

  draw(): void {
    const { stage, ring } = this;
    if (stage.refresh()) this.stale = true;
    if (stage.width < 60 || stage.height < 40) return;
    if (!this.still && this.contrast.follow(ring)) this.stale = true;
    if (this.stale) this.layout();
    this.stale = false;
    const [low, high] = this.colourRange();
    this.image.colours(pixels(this.options.colours), this.cell(low), this.cell(high));
    this.image.update(ring, this.rows);
    const context = stage.context(stage.plot, true);
    context.setTransform(1, 0, 0, 1, 0, 0);
    const { width, height } = stage.plot;
    context.fillStyle = themeColor("--plot-bg");
    context.fillRect(0, 0, width, height);
    this.image.show(context, width, height);
  }

  private layout(): void {
    const { stage, axis } = this;
    const span = this.rows * this.model.rowSeconds;
    const yTicks = this.ticksY(span);
    const scaleLabels = this.ticksColour(100);
    stage.place([24, labelRoom(scaleLabels) + BAR + 22, 24, labelRoom(yTicks, 24)]);
    const scale = this.scaleX();
    this.xTicks = axis.ticks(scale);
    this.image.resize(stage.plot.width, this.rows, axis, { ...scale, pixels: stage.plot.width });
    const context = stage.context(stage.base, true);
    const drawing = { context, area: stage.area, ratio: stage.ratio };
    clear(context, stage.width, stage.height);
    gridX(drawing, scale, this.xTicks, axis.log);
    labelsX(drawing, scale, this.xTicks, axis.unit);
    labelsY(drawing, this.scaleY(span), yTicks);
    this.drawBar(context);
    frame(drawing);
  }

  /** Time runs down: the newest row is at the top. */
  private scaleY(span: number): Scale {
    const end = this.still ? this.still.time : 0;
    return { min: end - span, max: end, log: false, pixels: this.stage.area.height, up: true };
  }

  private ticksY(span: number): Tick[] {
    const { min, max } = this.scaleY(span);
    return timeTicks(min, max, Math.max(2, this.stage.height / 50)).map((tick) => ({
      ...tick,
      label: `${tick.label}${span < 120 ? ` ${timeUnit(min, max)}` : ""}`,
    }));
  }

  private ticksColour(height: number): Tick[] {
    const [low, high] = this.colourRange();
    return linearTicks(low, high, Math.max(2, height / 36));
  }

  /** The colours and what they mean, at the right. */
  private drawBar(context: CanvasRenderingContext2D): void {
    const { area, ratio } = this.stage;
    const left = area.left + area.width + 14;
    const [low, high] = this.colourRange();
    const colours = pixels(this.options.colours);
    const rows = Math.round(area.height * ratio);
    for (let row = 0; row < rows; row++) {
      const colour = colours[1 + Math.round((254 * (rows - 1 - row)) / (rows - 1))] as number;
      context.fillStyle = `rgb(${colour & 255}, ${(colour >> 8) & 255}, ${(colour >> 16) & 255})`;
      context.fillRect(left, area.top + row / ratio, BAR, 1 / ratio + 0.01);
    }
    const scale: Scale = { min: low, max: high, log: false, pixels: area.height, up: true };
    context.font = FONT;
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.fillStyle = themeColor("--plot-axis");
    for (const tick of this.ticksColour(area.height)) {
      const y = area.top + toPixel(scale, tick.value);
      context.fillText(
        tick.label,
        left + BAR + 5,
        Math.max(area.top + 5, Math.min(y, area.top + area.height - 5)),
      );
    }
    context.textAlign = "right";
    context.textBaseline = "alphabetic";
    context.fillText(this.label, this.stage.width - 8, area.top - 10);
  }

  axes(): PlotAxes | null {
    const { ring } = this;
    const area: Area = this.stage.area;
    return ring.end > ring.begin && area.width > 2 ? { area, x: this.scaleX(), y: null } : null;
  }

  private newest(): Uint8Array | null {
    const { ring } = this;
    return ring.end > ring.begin ? ring.row(ring.end - 1) : null;
  }

  read(x: number): Reading | null {
    const row = this.newest();
    if (!row) return null;
    const at = this.axis.nearest(x);
    const value = this.level(row[at] ?? 0);
    const name = this.model.description.channels[0]?.name ?? "";
    const text = Number.isNaN(value) ? "–" : `${fixed(value, 1)} dB`;
    return { x: this.axis.places[at] ?? x, values: [{ name, colour: themeColor("--accent"), value, text }] };
  }

  peakNear(x: number, reach: number): number {
    const row = this.newest();
    if (!row) return x;
    const scale = this.scaleX();
    const place = toPixel(scale, x);
    const [from, to] = [place - reach, place + reach].map((pixel) =>
      this.axis.nearest(toValue(scale, pixel)),
    );
    let best = this.axis.nearest(x);
    for (let at = from ?? best; at <= (to ?? best); at++) if ((row[at] ?? 0) > (row[best] ?? 0)) best = at;
    return this.axis.places[best] ?? x;
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

  writeY(difference: number): string {
    return `${fixed(difference, 1)} dB`;
  }

  zoom(x: Range | null): void {
    const kept = this.axis.kept(x);
    if (kept === undefined) return;
    this.zoomed = kept;
    this.stale = true;
  }

  zoomY(): void {
    // Time is chosen by the window, decibels by the colours.
  }

  freeze(on: boolean): void {
    this.still = on ? { ring: this.model.ring.clone(), time: this.model.time } : null;
    this.stale = true;
  }

  summary(): string {
    const row = this.newest();
    if (!row) return "No spectra yet.";
    let best = 0;
    for (let at = 1; at < row.length; at++) if ((row[at] as number) > (row[best] as number)) best = at;
    const value = this.level(row[best] ?? 0);
    const where = this.axis.write(this.axis.places[best] ?? 0);
    return `Newest row, ${clock(this.model.time)}: largest ${fixed(value, 1)} ${this.label} at ${where}.`;
  }

  table(): string | null {
    const { ring, axis, model } = this;
    const first = Math.max(ring.begin, ring.end - this.rows);
    if (ring.end <= first) return null;
    const { min, max } = this.scaleX();
    const seen = [...axis.places.keys()].filter((at) => {
      const place = axis.places[at] as number;
      return place >= min && place <= max;
    });
    const head = seen.map((at) => `${exact(axis.x[at] ?? 0)} ${axis.unit} [${this.label}]`);
    const rows = Array.from({ length: ring.end - first }, (_, index) => {
      const row = ring.row(first + index);
      return [
        exact(model.origin + (first + index) * model.rowSeconds),
        ...seen.map((at) => this.level(row[at] ?? 0)),
      ];
    });
    return csv(["time [s]", ...head], rows);
  }

  probe(): Record<string, unknown> {
    const { ring, model } = this;
    const row = this.newest();
    let best = 0;
    if (row)
      for (let at = 1; at < row.length; at++) if ((row[at] as number) > (row[best] as number)) best = at;
    return {
      rows: ring.end - ring.begin,
      points: ring.points,
      time: model.time,
      gaps: model.gaps,
      colours: this.colourRange(),
      peak: row ? { frequency: this.axis.x[best], level: this.level(row[best] ?? 0) } : null,
      saturated: this.contrast.saturated,
    };
  }

  /** Largest cells are at the end of what the server counts: another ceiling is needed. */
  get saturated(): boolean {
    return this.contrast.saturated;
  }

  layers(): HTMLCanvasElement[] {
    return [this.stage.base, this.stage.plot, this.stage.overlay];
  }

  destroy(): void {
    this.stage.destroy();
    this.image.release();
  }
}
