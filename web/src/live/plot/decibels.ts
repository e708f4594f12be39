/** Values of a spectrum as levels: which reference, which factor, what is written at the axis. */
import type { Description, StreamChannel } from "../data/describe";
import { isLevel, prettyUnit, referenceOf, scaled } from "./units";

export interface LevelRule {
  /** True: the numbers are levels already, or are shown as they are. */
  plain: boolean;
  /** 20 for field quantities, 10 for their squares. */
  factor: number;
  reference: number;
  label: string;
}

/** The unit that a channel had before a transform squared it: `Pa^2/Hz` -> `Pa`. */
function fieldUnit(unit: string): { unit: string; squared: boolean; density: boolean } {
  const [, base = unit, square = "", density = ""] = /^(.*?)(\^2)?(\/Hz)?$/.exec(unit) ?? [];
  return { unit: base, squared: square !== "", density: density !== "" };
}

/** How a channel's values become decibels; `decibels` false shows them as they are. */
export function levelRule(channel: StreamChannel, description: Description, decibels: boolean): LevelRule {
  if (description.decibels || isLevel(channel.unit)) {
    const label = channel.reference ? `dB re ${prettyUnit(channel.reference)}` : "dB";
    return { plain: true, factor: 1, reference: 1, label };
  }
  if (!decibels) return { plain: true, factor: 1, reference: 1, label: prettyUnit(channel.unit) };
  const { unit, squared, density } = fieldUnit(channel.unit);
  const { value, label } = referenceOf({ unit, reference: channel.reference });
  const [, quantity = ""] = /re (.*)$/.exec(label) ?? [];
  const shown = squared ? `dB re (${quantity})²${density ? "/Hz" : ""}` : label;
  return {
    plain: false,
    factor: squared ? 10 : 20,
    reference: squared ? value * value : value,
    label: shown,
  };
}

export function toLevel(value: number, { plain, factor, reference }: LevelRule): number {
  return plain ? value : factor * Math.log10(Math.abs(value) / reference);
}

/** Convert a row of values; what is zero becomes -Infinity. */
export function toLevels(values: Float32Array, rule: LevelRule, into: Float32Array): Float32Array {
  if (rule.plain) into.set(values);
  else {
    const scale = rule.factor / Math.LN10;
    for (let at = 0; at < values.length; at++)
      into[at] = scale * Math.log(Math.abs(values[at] as number) / rule.reference);
  }
  return into;
}

/** Prefix for values that are shown as they are. */
export function plainScale(channel: StreamChannel, largest: number): { factor: number; unit: string } {
  return isLevel(channel.unit) ? { factor: 1, unit: "dB" } : scaled(channel.unit, largest);
}
