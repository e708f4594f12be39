/** Trend: the course of numbers that come some times a second, over minutes; limits with it. */
import { themeColor } from "../../theme/colors";
import type { StreamChannel } from "../data/describe";
import type { History } from "../models/history";
import type { ScalarModel } from "../models/models";
import type { PanelOptions } from "../panel/options";
import { seriesColour } from "../plot/colours";
import { csv, exact } from "../plot/csv";
import { inner, type Lane, lanesFor } from "../plot/lanes";
import { judgesChannel } from "../plot/limits";
import { AutoRange, type Range } from "../plot/range";
import { type Scale, toPixel } from "../plot/scale";
import { Stage } from "../plot/stage";
import { clock, quantity } from "../plot/units";
import type { PlotAxes, PlotView, Reading } from "../plot/view";
import type { LimitCurve, Surroundings } from "./create";
import { type GroupRanges, LaneFrame, shownChannels } from "./lane-frame";

/** Ranges of groups of channels that follow a history. */
class TrendRanges implements GroupRanges {
  private readonly auto = new Map<string, AutoRange>();
  fixed: Range | null = null;

  reset(): void {
    this.auto.clear();
  }

  of(group: string): Range {
    return this.fixed ?? this.auto.get(group)?.current ?? [-1, 1];
  }

  follow(group: string, [low, high]: Range, now: number): boolean {
    if (this.fixed) return false;
    const auto = this.auto.get(group) ?? new AutoRange(4);
    this.auto.set(group, auto);
    return auto.follow(low, high, now);
  }
}

export class TrendView implements PlotView {
  readonly stage: Stage;
  private readonly ranges = new TrendRanges();
  private readonly frame: LaneFrame;
  private model: ScalarModel;
  private options: PanelOptions;
  private limits: readonly LimitCurve[];
  private stale = true;
  private still: { history: History; time: number } | null = null;
  private zoomed: Range | null = null;

  constructor(host: HTMLElement, model: ScalarModel, { options, limits }: Surroundings, changed: () => void) {
    this.stage = new Stage(host, changed);
    this.frame = new LaneFrame(this.stage, this.ranges);
    this.model = model;
    this.options = options;
    this.limits = limits;
    this.ranges.fixed = options.y;
  }

  set(model: ScalarModel, { options, limits }: Surroundings): void {
    if (model !== this.model || options.each !== this.options.each) this.ranges.reset();
    this.model = model;
    this.options = options;
    this.limits = limits;
    this.ranges.fixed = options.y;
    this.stale = true;
  }

  invalidate(): void {
    this.stale = true;
  }

  private get history(): History {
    return this.still?.history ?? this.model.history;
  }

  private get channels(): StreamChannel[] {
    return this.model.description.channels.slice(0, this.model.history.channels);
  }

  private shown(): number[] {
    return shownChannels(this.channels, this.options.hidden);
  }

  private get window(): number {
    return this.options.window ?? 60;
  }

  private get newest(): number {
    const { history } = this;
    return history.end > history.begin ? (history.times[history.slot(history.end - 1)] as number) : 0;
  }

  /** Relative to the newest value while it runs. */
  private scaleX(): Scale {
    const end = this.still ? this.still.time : 0;
    const [min, max] = this.zoomed ?? [end - this.window, end];
    return { min, max, log: false, pixels: this.stage.area.width, up: false };
  }

  private absolute(x: number): number {
    return this.still ? x : this.newest + x;
  }

  /** Entries that are seen, with one before and one after for the line to lead there. */
  private seen(): [number, number] {
    const { history } = this;
    const { min, max } = this.scaleX();
    const from = history.since(this.absolute(min));
    const to = history.since(this.absolute(max) + 1e-9);
    return [Math.max(history.begin, from - 1), Math.min(history.end, to + 1)];
  }

  private value(entry: number, channel: number, part: 0 | 1 | 2): number {
    const { history } = this;
    return history.values[(history.slot(entry) * history.channels + channel) * 3 + part] as number;
  }

  /** Smallest and largest value of a channel that is seen, with limits near them. */
  private extent(channel: number): Range {
    const [from, to] = this.seen();
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let entry = from; entry < to; entry++) {
      const [small, large] = [this.value(entry, channel, 1), this.value(entry, channel, 2)];
      if (small < low && small > Number.NEGATIVE_INFINITY) low = small;
      if (large > high && large < Number.POSITIVE_INFINITY) high = large;
    }
    const near = Math.max(5, 1.5 * (high - low));
    const limits = this.bounds(channel).map(({ value }) => value);
    const seen = limits.filter((value) => value > low - near && value < high + near);
    return [Math.min(low, ...seen), Math.max(high, ...seen)];
  }

  private follow(now: number): boolean {
    const groups = new Map<string, Range>();
    for (const { group, channels } of this.frame.lanes) {
      const ranges = channels.map((channel) => this.extent(channel));
      const before = groups.get(group);
      if (before) ranges.push(before);
      groups.set(group, [
        Math.min(...ranges.map(([low]) => low)),
        Math.max(...ranges.map(([, high]) => high)),
      ]);
    }
    let changed = false;
    for (const [group, range] of groups) if (this.ranges.follow(group, range, now)) changed = true;
    return changed;
  }

  private bounds(channel: number): { value: number; side: "upper" | "lower" }[] {
    const name = this.channels[channel]?.name ?? "";
    return this.limits.flatMap((limit) => {
      const [only] = limit.points;
      const one = limit.points.length === 1 && only?.[0] === null && judgesChannel(limit, name);
      return one && this.options.limits ? [{ value: only[1], side: limit.side }] : [];
    });
  }

  draw(now: number): void {
    const { stage, frame, options } = this;
    if (stage.refresh()) this.stale = true;
    if (stage.width < 40 || stage.height < 40) return;
    if (!this.still && this.follow(now / 1000)) this.stale = true;
    if (this.stale) this.layout(now);
    this.stale = false;
    const context = stage.context(stage.plot, true);
    context.setTransform(1, 0, 0, 1, 0, 0);
    const x: Scale = { ...this.scaleX(), pixels: stage.plot.width };
    frame.ground(context, x, 0, stage.plot.width);
    context.lineJoin = "round";
    for (const lane of frame.lanes) {
      if (options.limits) this.drawBounds(context, lane);
      for (const channel of lane.channels) this.drawChannel(context, lane, channel, x);
    }
  }

  private layout(now: number): void {
    const { frame, channels } = this;
    const shown = this.shown();
    frame.lanes = this.divided(shown);
    if (!this.still) this.follow(now / 1000);
    frame.place(channels, () => this.scaleX());
  }

  /** One lane for each unit; or as the options say. */
  private divided(shown: readonly number[]): Lane[] {
    const { channels, options, stage } = this;
    const height = stage.height - 48;
    if (options.layout !== "auto") return lanesFor(channels, shown, options.layout, height, options.each);
    const units = [...new Set(shown.map((index) => channels[index]?.unit ?? ""))];
    return units.map((unit, at) => ({
      channels: shown.filter((index) => channels[index]?.unit === unit),
      top: (at * height) / units.length,
      height: height / units.length,
      group: unit,
    }));
  }

  private drawChannel(context: CanvasRenderingContext2D, lane: Lane, channel: number, x: Scale): void {
    const { history, stage } = this;
    const { ratio } = stage;
    const scale = this.frame.scaleY(lane, ratio);
    const top = inner(lane)[0] * ratio;
    const shift = this.still ? 0 : this.newest;
    const [from, to] = this.seen();
    context.strokeStyle = context.fillStyle = seriesColour(channel);
    context.lineWidth = 1.5 * ratio;
    context.beginPath();
    let open = false;
    let single = Number.NaN;
    let [left, y] = [0, 0];
    const dot = () => {
      if (!Number.isNaN(single)) context.fillRect(left - ratio, y - ratio, 2 * ratio, 2 * ratio);
    };
    for (let entry = from; entry < to; entry++) {
      const value = this.value(entry, channel, 0);
      const broken = history.breaks[history.slot(entry)] === 1;
      if (!Number.isFinite(value) || broken) {
        dot();
        single = Number.NaN;
        open = false;
        if (!Number.isFinite(value)) continue;
      }
      left = toPixel(x, (history.times[history.slot(entry)] as number) - shift);
      y = top + Math.min(scale.pixels, Math.max(0, toPixel(scale, value)));
      if (open) context.lineTo(left, y);
      else context.moveTo(left, y);
      single = open ? Number.NaN : value;
      open = true;
    }
    dot();
    context.stroke();
  }

  private drawBounds(context: CanvasRenderingContext2D, lane: Lane): void {
    const { ratio, plot } = this.stage;
    const scale = this.frame.scaleY(lane, ratio);
    const top = inner(lane)[0] * ratio;
    context.save();
    context.strokeStyle = themeColor("--plot-limit");
    context.lineWidth = 1.5 * ratio;
    for (const { value, side } of lane.channels.flatMap((channel) => this.bounds(channel))) {
      const y = top + toPixel(scale, value);
      if (y < top - 1 || y > top + scale.pixels + 1) continue;
      context.setLineDash(side === "upper" ? [] : [6 * ratio, 4 * ratio]);
      context.beginPath();
      context.moveTo(0, y);
      context.lineTo(plot.width, y);
      context.stroke();
    }
    context.restore();
  }

  axes(): PlotAxes | null {
    const { history } = this;
    return history.end > history.begin ? { area: this.stage.area, x: this.scaleX(), y: null } : null;
  }

  private entryAt(x: number): number {
    const { history } = this;
    const time = this.absolute(x);
    const after = Math.min(history.end - 1, history.since(time));
    const before = Math.max(history.begin, after - 1);
    const distance = (entry: number) => Math.abs((history.times[history.slot(entry)] as number) - time);
    return distance(before) < distance(after) ? before : after;
  }

  private placeOf(entry: number): number {
    const time = this.history.times[this.history.slot(entry)] as number;
    return this.still ? time : time - this.newest;
  }

  read(x: number): Reading | null {
    const { history } = this;
    if (history.end <= history.begin) return null;
    const entry = this.entryAt(x);
    const values = this.shown().map((index) => {
      const value = this.value(entry, index, 0);
      const { name = "", unit = "" } = this.channels[index] ?? {};
      return { name, colour: seriesColour(index), value, text: quantity(value, unit) };
    });
    return { x: this.placeOf(entry), values };
  }

  peakNear(x: number, pixels: number): number {
    const scale = this.scaleX();
    const reach = ((scale.max - scale.min) * pixels) / scale.pixels;
    let [best, found] = [Number.NEGATIVE_INFINITY, this.entryAt(x)];
    for (let entry = this.entryAt(x - reach); entry <= this.entryAt(x + reach); entry++) {
      for (const channel of this.shown()) {
        const value = this.value(entry, channel, 0);
        if (value > best) [best, found] = [value, entry];
      }
    }
    return this.placeOf(found);
  }

  step(x: number, count: number): number {
    const { history } = this;
    const entry = this.entryAt(x) + count;
    return this.placeOf(Math.max(history.begin, Math.min(history.end - 1, entry)));
  }

  writeX(x: number): string {
    return clock(this.absolute(x));
  }

  writeDifference(a: number, b: number): string[] {
    return [`Δt ${clock(Math.abs(b - a))}`];
  }

  writeY(difference: number, index: number): string {
    return quantity(difference, this.channels[this.shown()[index] ?? 0]?.unit ?? "");
  }

  zoom(x: Range | null): void {
    if (!this.still || (x && x[1] - x[0] < 0.5)) return;
    this.zoomed = x;
    this.stale = true;
  }

  zoomY(): void {
    // Lanes have ranges of their own: the options say them.
  }

  freeze(on: boolean): void {
    this.still = on ? { history: this.model.history.clone(), time: this.newest } : null;
    this.zoomed = null;
    this.stale = true;
  }

  summary(): string {
    const { history } = this;
    if (history.end <= history.begin) return "No values yet.";
    const parts = this.shown()
      .slice(0, 6)
      .map((index) => {
        const { name = "", unit = "" } = this.channels[index] ?? {};
        return `${name} ${quantity(this.value(history.end - 1, index, 0), unit)}`;
      });
    return `${clock(this.newest)}: ${parts.join(", ")}.`;
  }

  table(): string | null {
    const { history, channels } = this;
    const [from, to] = this.seen();
    if (to <= from) return null;
    const shown = this.shown();
    const head = shown.map((index) => `${channels[index]?.name ?? ""} [${channels[index]?.unit ?? ""}]`);
    const rows = Array.from({ length: to - from }, (_, at) => [
      exact(history.times[history.slot(from + at)] as number),
      ...shown.map((index) => this.value(from + at, index, 0)),
    ]);
    return csv(["time [s]", ...head], rows);
  }

  probe(): Record<string, unknown> {
    const { history, model } = this;
    const last = history.end - 1;
    return {
      entries: history.end - history.begin,
      time: model.time,
      values: history.end > history.begin ? this.shown().map((index) => this.value(last, index, 0)) : [],
      lanes: this.frame.lanes.map((lane) => ({ group: lane.group, range: this.ranges.of(lane.group) })),
      limits: this.shown().flatMap((index) => this.bounds(index)),
    };
  }

  layers(): HTMLCanvasElement[] {
    return [this.stage.base, this.stage.plot, this.stage.overlay];
  }

  destroy(): void {
    this.stage.destroy();
  }
}
