/** Lanes on a stage: where they lie, their axes, and the ground that data is drawn on. Strip, scope and trend share it. */
import { themeColor } from "../../theme/colors";
import type { StreamChannel } from "../data/describe";
import { clear, frame, gridX, gridY } from "../plot/axes";
import { inner, type Lane, type LaneLayout, lanesFor } from "../plot/lanes";
import type { Range } from "../plot/range";
import type { Scale } from "../plot/scale";
import type { Stage } from "../plot/stage";
import { type Tick, timeTicks, timeUnit } from "../plot/ticks";
import { drawLaneAxes, laneMargins, laneTicks } from "./lane-axes";

/** Above and below the area: names of axes and numbers. */
const ABOVE_BELOW = 48;

/** The range of a group of channels. */
export interface GroupRanges {
  of(group: string): Range;
}

export class LaneFrame {
  lanes: Lane[] = [];
  private ticks: Tick[] = [];
  private readonly stage: Stage;
  private readonly ranges: GroupRanges;

  constructor(stage: Stage, ranges: GroupRanges) {
    this.stage = stage;
    this.ranges = ranges;
  }

  range(group: string): Range {
    return this.ranges.of(group);
  }

  /** Divide the height among channels; their ranges are not known yet. */
  divide(
    channels: readonly StreamChannel[],
    shown: readonly number[],
    layout: LaneLayout,
    each: boolean,
  ): void {
    this.lanes = lanesFor(channels, shown, layout, this.stage.height - ABOVE_BELOW, each);
  }

  /** Place the area and draw the axes; the ranges are known now. `x` is asked again once the width is. */
  place(channels: readonly StreamChannel[], x: () => Scale): void {
    const { stage } = this;
    const before = this.stage.height - ABOVE_BELOW;
    stage.place(laneMargins(channels, this.lanes, (group) => this.range(group)));
    const factor = stage.area.height / before;
    this.lanes = this.lanes.map((lane) => ({
      ...lane,
      top: lane.top * factor,
      height: lane.height * factor,
    }));
    const scale = x();
    this.ticks = timeTicks(scale.min, scale.max, Math.max(2, stage.area.width / 90));
    const context = stage.context(stage.base, true);
    clear(context, stage.width, stage.height);
    const drawing = { context, area: stage.area, ratio: stage.ratio };
    drawLaneAxes(drawing, {
      channels,
      lanes: this.lanes,
      range: (group) => this.range(group),
      x: scale,
      ticks: this.ticks,
      unit: timeUnit(scale.min, scale.max),
    });
    frame(drawing);
  }

  /** Background and grid of a part of the plot, in device pixels. */
  ground(context: CanvasRenderingContext2D, x: Scale, start: number, length: number): void {
    const { ratio } = this.stage;
    const { width, height } = this.stage.plot;
    context.fillStyle = themeColor("--plot-bg");
    context.fillRect(start, 0, length, height);
    const drawing = { context, area: { left: 0, top: 0, width, height }, ratio: 1 };
    gridX(drawing, { ...x, pixels: width }, this.ticks);
    for (const lane of this.lanes) {
      const y = this.scaleY(lane, ratio);
      const [top] = inner(lane);
      const area = { left: 0, top: top * ratio, width, height: y.pixels };
      gridY({ ...drawing, area }, y, laneTicks(lane, [y.min, y.max]));
      if (lane.top === 0) continue;
      context.fillStyle = themeColor(lane.height > 24 ? "--plot-grid-strong" : "--plot-grid");
      context.fillRect(start, Math.round(lane.top * ratio), length, 1);
    }
  }

  /** The y axis of a lane from its inner top on, in pixels of `ratio`. */
  scaleY(lane: Lane, ratio = 1): Scale {
    const [top, bottom] = inner(lane);
    const [min, max] = this.range(lane.group);
    return { min, max, log: false, pixels: (bottom - top) * ratio, up: true };
  }
}

/** Channels that are not hidden; all where all would be. */
export function shownChannels(channels: readonly StreamChannel[], hidden: readonly string[]): number[] {
  const all = channels.map((_, index) => index);
  const left = all.filter((index) => !hidden.includes(channels[index]?.name ?? ""));
  return left.length > 0 ? left : all;
}
