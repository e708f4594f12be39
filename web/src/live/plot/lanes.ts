/** Where the channels of a strip or scope lie: one lane for each, or all in one; and the range of each lane. */
import type { StreamChannel } from "../data/describe";
import type { ColumnRing } from "../models/column-ring";
import { AutoRange, type Range } from "./range";

export interface Lane {
  channels: number[];
  /** CSS pixels from the area's top. */
  top: number;
  height: number;
  /** Whose range it has. */
  group: string;
}

export type LaneLayout = "stack" | "overlay";

/** A lane of less has no numbers of its own. */
export const NUMBERED = 44;
const PAD = 4;
/** Numbers of two lanes must not touch. */
const PAD_NUMBERED = 9;

export function lanesFor(
  channels: readonly StreamChannel[],
  shown: readonly number[],
  layout: LaneLayout,
  height: number,
  each: boolean,
): Lane[] {
  const group = (index: number) => (each ? `channel ${index}` : (channels[index]?.unit ?? ""));
  if (layout === "overlay" || shown.length <= 1)
    return [
      { channels: [...shown], top: 0, height, group: shown.length > 0 ? group(shown[0] as number) : "" },
    ];
  const each_ = height / shown.length;
  return shown.map((channel, index) => ({
    channels: [channel],
    top: index * each_,
    height: each_,
    group: group(channel),
  }));
}

/** The part of a lane that values take up; a little stays free above and below where there is room. */
export function inner(lane: Lane): [top: number, bottom: number] {
  const pad = lane.height >= NUMBERED ? PAD_NUMBERED : lane.height > 30 ? PAD : lane.height > 12 ? 1 : 0;
  return [lane.top + pad, lane.top + lane.height - pad];
}

/** Ranges of groups of channels, following the signal or given. */
export class LaneRanges {
  private readonly auto = new Map<string, AutoRange>();
  private fixed: Range | null = null;
  private scanned = Number.NEGATIVE_INFINITY;

  fix(range: Range | null): void {
    this.fixed = range;
  }

  reset(): void {
    this.auto.clear();
    this.scanned = Number.NEGATIVE_INFINITY;
  }

  of(group: string): Range {
    return this.fixed ?? this.auto.get(group)?.current ?? [-1, 1];
  }

  /**
   * Follow what came: new columns at once, all of them twice a second, which lets ranges shrink. Returns true when
   * a range is another, so that everything is to be drawn anew.
   */
  follow(lanes: readonly Lane[], ring: ColumnRing, from: number, now: number): boolean {
    if (this.fixed) return false;
    const all = now - this.scanned >= 0.5;
    if (all) this.scanned = now;
    const groups = new Map<string, number[]>();
    for (const lane of lanes) groups.set(lane.group, [...(groups.get(lane.group) ?? []), ...lane.channels]);
    let changed = false;
    for (const [group, channels] of groups) {
      let auto = this.auto.get(group);
      if (!auto) {
        auto = new AutoRange();
        this.auto.set(group, auto);
      }
      const [low, high] = ring.extent(channels, all ? ring.begin : from, ring.end);
      const current = auto.current;
      // The new columns alone may only widen a range: they say nothing of what else is seen.
      if (!all && current && low >= current[0] && high <= current[1]) continue;
      if (auto.follow(low, high, now)) changed = true;
    }
    return changed;
  }
}
