/** Axes of views with lanes: a time axis below, and at the left the numbers and names of every lane. */
import { themeColor } from "../../theme/colors";
import type { StreamChannel } from "../data/describe";
import { FONT, FONT_BOLD, gridX, labelRoom, labelsX, labelsY, textWidth, titleY } from "../plot/axes";
import { seriesColour } from "../plot/colours";
import { inner, type Lane, NUMBERED } from "../plot/lanes";
import type { Range } from "../plot/range";
import type { Scale } from "../plot/scale";
import type { Area, Margins } from "../plot/stage";
import { linearTicks, type Tick } from "../plot/ticks";
import { isLevel, prettyUnit, scaled } from "../plot/units";

interface Drawing {
  context: CanvasRenderingContext2D;
  area: Area;
  ratio: number;
}

export interface LaneAxes {
  channels: readonly StreamChannel[];
  lanes: readonly Lane[];
  range: (group: string) => Range;
  x: Scale;
  ticks: readonly Tick[];
  unit: string;
}

const NAME_ROOM = 96;

/** Lines of a lane; only the zero where there is no room for numbers. */
export function laneTicks(lane: Lane, [min, max]: Range, factor = 1): Tick[] {
  if (lane.height < NUMBERED)
    return min < 0 && max > 0 && lane.height > 12 ? [{ value: 0, label: "", major: true }] : [];
  return linearTicks(min, max, Math.max(2, lane.height / 34), factor);
}

/** The unit of a lane with the prefix that its range has. */
export function laneUnit(
  channel: StreamChannel | undefined,
  [min, max]: Range,
): { factor: number; unit: string } {
  const unit = channel?.unit ?? "";
  if (isLevel(unit))
    return { factor: 1, unit: channel?.reference ? `dB re ${prettyUnit(channel.reference)}` : "dB" };
  return scaled(unit, Math.max(Math.abs(min), Math.abs(max)));
}

function laneLabels(channels: readonly StreamChannel[], lane: Lane, range: Range): Tick[] {
  const { factor } = laneUnit(channels[lane.channels[0] ?? 0], range);
  return laneTicks(lane, range, factor);
}

/** What stands at the left of a lane: the channel's name, where it is alone, above the unit. */
function laneTexts(
  channels: readonly StreamChannel[],
  lane: Lane,
  range: Range,
): { name: string; unit: string } {
  const channel = channels[lane.channels[0] ?? 0];
  const name = lane.channels.length > 1 ? "" : shortened(channel?.name ?? "");
  return { name, unit: lane.height >= NUMBERED ? laneUnit(channel, range).unit : "" };
}

function nameRoom(
  channels: readonly StreamChannel[],
  lanes: readonly Lane[],
  range: LaneAxes["range"],
): number {
  if (lanes.length < 2) return 0;
  const widths = lanes.flatMap((lane) => {
    const { name, unit } = laneTexts(channels, lane, range(lane.group));
    return [textWidth(name, FONT_BOLD), textWidth(unit)];
  });
  return Math.ceil(Math.max(...widths)) + 12;
}

export function laneMargins(
  channels: readonly StreamChannel[],
  lanes: readonly Lane[],
  range: (group: string) => Range,
): Margins {
  const rooms = lanes
    .filter((lane) => lane.height >= NUMBERED)
    .map((lane) => labelRoom(laneLabels(channels, lane, range(lane.group)), 24));
  return [24, 14, 24, nameRoom(channels, lanes, range) + Math.max(8, ...rooms)];
}

export function drawLaneAxes(drawing: Drawing, axes: LaneAxes): void {
  const { context, area } = drawing;
  const { channels, lanes } = axes;
  gridX(drawing, axes.x, axes.ticks);
  labelsX(drawing, axes.x, axes.ticks, axes.unit);
  const units = new Set<string>();
  let named = Number.NEGATIVE_INFINITY;
  for (const lane of lanes) {
    const range = axes.range(lane.group);
    const channel = channels[lane.channels[0] ?? 0];
    const [top, bottom] = inner(lane);
    const y: Scale = { min: range[0], max: range[1], log: false, pixels: bottom - top, up: true };
    const { unit } = laneUnit(channel, range);
    if (lane.height >= NUMBERED)
      labelsY(
        { ...drawing, area: { ...area, top: area.top + top, height: bottom - top } },
        y,
        laneLabels(channels, lane, range),
      );
    units.add(lane.height >= NUMBERED ? unit : `±${spread(range, channel)}`);
    if (lanes.length < 2) continue;
    const middle = area.top + lane.top + lane.height / 2;
    if (middle - named < 11) continue;
    named = middle;
    const { name, unit: below } = laneTexts(channels, lane, range);
    const two = name !== "" && below !== "";
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.font = FONT_BOLD;
    context.fillStyle = seriesColour(lane.channels[0] ?? 0);
    context.fillText(name, 8, two ? middle - 7 : middle);
    context.font = FONT;
    context.fillStyle = themeColor("--plot-axis");
    context.fillText(below, 8, two ? middle + 8 : middle);
  }
  const [only] = units;
  if (units.size === 1 && only !== undefined && (lanes.length < 2 || (lanes[0]?.height ?? 0) < NUMBERED)) {
    const small = lanes.length > 1 && (lanes[0]?.height ?? 0) < NUMBERED;
    context.fillStyle = themeColor("--plot-axis");
    titleY(drawing, small ? `each lane ${only}` : only);
  }
}

/** Half the height of a lane in words: `1 V`. */
function spread(range: Range, channel: StreamChannel | undefined): string {
  const { factor, unit } = laneUnit(channel, range);
  const half = (range[1] - range[0]) / 2;
  return `${Number((half * factor).toPrecision(3))} ${unit}`.trim();
}

function shortened(name: string): string {
  if (textWidth(name, FONT_BOLD) <= NAME_ROOM) return name;
  let end = name.length;
  while (end > 1 && textWidth(`${name.slice(0, end)}…`, FONT) > NAME_ROOM - 8) end--;
  return `${name.slice(0, end)}…`;
}
