/** Level meters: RMS as a bar, the peak as a line that is held, decibels; a light where a range was exceeded. */
import { themeColor } from "../../theme/colors";
import type { LevelsModel } from "../models/models";
import {
  clear,
  crisp,
  FONT,
  FONT_BOLD,
  frame,
  gridY,
  labelRoom,
  labelsY,
  textWidth,
  titleY,
} from "../plot/axes";
import { csv } from "../plot/csv";
import { LevelRange } from "../plot/level-range";
import type { Range } from "../plot/range";
import { type Scale, toPixel } from "../plot/scale";
import { Stage } from "../plot/stage";
import { linearTicks, type Tick } from "../plot/ticks";
import { fixed, isLevel, type LevelReference, referenceOf } from "../plot/units";
import type { View } from "../plot/view";

const SPAN = 60;
const WIDEST_SPAN = 160;
/** Widest meter, in pixels. */
const WIDEST = 46;

interface Meter {
  name: string;
  rms: number;
  peak: number;
  held: number;
  clipped: boolean;
  /** Level of the end of the channel's range, where it has one. */
  full: number | null;
}

export class LevelsView implements View {
  readonly stage: Stage;
  private readonly range = new LevelRange();
  private model: LevelsModel;
  private references: LevelReference[] = [];
  private ticks: Tick[] = [];
  private stale = true;

  constructor(host: HTMLElement, model: LevelsModel, changed: () => void) {
    this.stage = new Stage(host, changed);
    this.model = model;
    this.set(model);
  }

  set(model: LevelsModel): void {
    if (model !== this.model) this.range.reset();
    this.model = model;
    this.references = model.description.channels.map(referenceOf);
    this.stale = true;
  }

  invalidate(): void {
    this.stale = true;
  }

  freeze(): void {
    // A meter shows what is now.
  }

  private level(value: number, channel: number): number {
    const { unit } = this.model.description.channels[channel] ?? { unit: "" };
    return isLevel(unit) ? value : 20 * Math.log10(value / (this.references[channel]?.value ?? 1));
  }

  private meters(): Meter[] {
    const { values, description, clipped } = this.model;
    return description.channels.map(({ name, range }, channel) => {
      const at = (part: number) => this.level(values[4 * channel + part] ?? Number.NaN, channel);
      const end = range && Math.max(Math.abs(range[0]), Math.abs(range[1]));
      return {
        name,
        rms: at(0),
        peak: at(1),
        held: at(2),
        clipped: (clipped[channel] ?? 0) > 0,
        full: end ? this.level(end, channel) : null,
      };
    });
  }

  private follow(meters: readonly Meter[], now: number): boolean {
    const finite = (values: number[]) => values.filter(Number.isFinite);
    const full = finite(meters.map((meter) => meter.full ?? Number.NaN));
    const high = Math.max(
      ...finite(meters.flatMap((meter) => [meter.held, meter.rms])),
      ...full.map((one) => one - 4),
    );
    // Channels with different references lie far apart: all of them are seen.
    const low = Math.min(...finite(meters.map((meter) => meter.rms)), high);
    const span = Math.min(WIDEST_SPAN, Math.max(SPAN, Math.ceil((high - low + 30) / 20) * 20));
    return this.range.follow(high - span, high, span, now);
  }

  private get bounds(): Range {
    return this.range.current ?? [-SPAN, 0];
  }

  private scale(): Scale {
    const [min, max] = this.bounds;
    return { min, max, log: false, pixels: this.stage.area.height, up: true };
  }

  draw(now: number): void {
    const { stage } = this;
    if (stage.refresh()) this.stale = true;
    if (stage.width < 40 || stage.height < 60) return;
    const meters = this.meters();
    if (this.follow(meters, now / 1000)) this.stale = true;
    if (this.stale) this.layout(meters);
    this.stale = false;
    const context = stage.context(stage.plot, true);
    const { width, height } = stage.area;
    context.fillStyle = themeColor("--plot-bg");
    context.fillRect(0, 0, width, height);
    gridY(
      { context, area: { left: 0, top: 0, width, height }, ratio: stage.ratio },
      this.scale(),
      this.ticks,
    );
    for (const [index, meter] of meters.entries()) this.drawMeter(context, meter, index, meters.length);
  }

  private layout(meters: readonly Meter[]): void {
    const { stage } = this;
    const [min, max] = this.bounds;
    this.ticks = linearTicks(min, max, Math.max(2, stage.height / 36));
    stage.place([24, 14, 40, labelRoom(this.ticks, 24)]);
    const context = stage.context(stage.base, true);
    const drawing = { context, area: stage.area, ratio: stage.ratio };
    clear(context, stage.width, stage.height);
    labelsY(drawing, this.scale(), this.ticks);
    const labels = [
      ...new Set(
        this.model.description.channels.map((channel, index) =>
          isLevel(channel.unit) ? "dB" : (this.references[index]?.label ?? "dB"),
        ),
      ),
    ];
    titleY(drawing, labels.length > 2 ? "dB" : labels.join(", "));
    this.drawNames(context, meters);
    frame(drawing);
  }

  private place(index: number, count: number): { left: number; width: number } {
    const { width } = this.stage.area;
    const room = width / count;
    const bar = Math.min(WIDEST, Math.max(1, room * 0.62));
    return { left: room * (index + 0.5) - bar / 2, width: bar };
  }

  private drawNames(context: CanvasRenderingContext2D, meters: readonly Meter[]): void {
    const { area } = this.stage;
    context.font = FONT;
    context.textAlign = "center";
    context.textBaseline = "top";
    context.fillStyle = themeColor("--plot-axis");
    let taken = Number.NEGATIVE_INFINITY;
    meters.forEach(({ name }, index) => {
      const { left, width } = this.place(index, meters.length);
      const middle = area.left + left + width / 2;
      const half = textWidth(name) / 2;
      if (middle - half < taken || middle + half > this.stage.width) return;
      context.fillText(name, middle, area.top + area.height + 22);
      taken = middle + half + 6;
    });
  }

  private drawMeter(context: CanvasRenderingContext2D, meter: Meter, index: number, count: number): void {
    const { stage } = this;
    const scale = this.scale();
    const { height } = stage.area;
    const { left, width } = this.place(index, count);
    const y = (value: number) => Math.min(height, Math.max(0, toPixel(scale, value)));
    const from = crisp(left, stage.ratio);
    const wide = Math.max(1, crisp(left + width, stage.ratio) - from);
    context.fillStyle = themeColor("--surface-2");
    context.fillRect(from, 0, wide, height);
    if (Number.isFinite(meter.peak)) {
      context.fillStyle = themeColor("--accent-soft");
      context.fillRect(from, y(meter.peak), wide, height - y(meter.peak));
    }
    if (Number.isFinite(meter.rms)) this.drawBar(context, meter, from, wide, y);
    if (Number.isFinite(meter.held)) {
      context.fillStyle = themeColor(meter.full !== null && meter.held > meter.full - 6 ? "--err" : "--text");
      context.fillRect(from, y(meter.held) - 1, wide, 2);
    }
    if (meter.clipped) {
      context.fillStyle = themeColor("--err");
      context.fillRect(from, 0, wide, 5);
    }
    this.writeValue(meter, index, count);
  }

  /** Green, amber from 18 dB below the end of the range on, red in the last 6; one colour where it has no range. */
  private drawBar(
    context: CanvasRenderingContext2D,
    { rms, full }: Meter,
    left: number,
    width: number,
    y: (value: number) => number,
  ): void {
    const bottom = this.stage.area.height;
    const zones: [number, number, `--${string}`][] =
      full === null
        ? [[Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, "--accent"]]
        : [
            [Number.NEGATIVE_INFINITY, full - 18, "--fill-low"],
            [full - 18, full - 6, "--fill-mid"],
            [full - 6, Number.POSITIVE_INFINITY, "--fill-high"],
          ];
    for (const [from, to, colour] of zones) {
      const top = y(Math.min(rms, to));
      const end = from === Number.NEGATIVE_INFINITY ? bottom : y(from);
      if (rms <= from || end <= top) continue;
      context.fillStyle = themeColor(colour);
      context.fillRect(left, top, width, end - top);
    }
  }

  /** The number below a meter, where there is room for one. */
  private writeValue(meter: Meter, index: number, count: number): void {
    const { stage } = this;
    const { area } = stage;
    if (area.width / count < 40) return;
    const context = stage.context(stage.base, true);
    const { left, width } = this.place(index, count);
    const middle = area.left + left + width / 2;
    const room = Math.min(area.width / count, 70);
    context.fillStyle = themeColor("--plot-bg");
    context.fillRect(middle - room / 2, area.top + area.height + 5, room, 15);
    context.font = FONT_BOLD;
    context.textAlign = "center";
    context.textBaseline = "top";
    context.fillStyle = themeColor(meter.clipped ? "--err" : "--text");
    context.fillText(
      Number.isFinite(meter.rms) ? fixed(meter.rms, 1) : "–",
      middle,
      area.top + area.height + 6,
    );
  }

  summary(): string {
    const meters = this.meters();
    if (this.model.values.length === 0) return "No levels yet.";
    const parts = meters.slice(0, 6).map(({ name, rms, held, clipped }) => {
      const over = clipped ? ", over range" : "";
      return `${name} ${fixed(rms, 1)} dB, peak ${fixed(held, 1)} dB${over}`;
    });
    return `${parts.join("; ")}${meters.length > 6 ? ` and ${meters.length - 6} more` : ""}.`;
  }

  table(): string | null {
    if (this.model.values.length === 0) return null;
    const label = (index: number) => this.references[index]?.label ?? "dB";
    const rows = this.meters().map(({ name, rms, peak, held, clipped }, index) => [
      name,
      label(index),
      rms,
      peak,
      held,
      clipped ? 1 : 0,
    ]);
    return csv(["channel", "unit", "RMS", "peak", "held peak", "over range"], rows);
  }

  probe(): Record<string, unknown> {
    return { meters: this.meters(), time: this.model.time, range: this.bounds };
  }

  layers(): HTMLCanvasElement[] {
    return [this.stage.base, this.stage.plot];
  }

  destroy(): void {
    this.stage.destroy();
  }
}
