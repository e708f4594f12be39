/**
 * What flows along an edge, to be seen: a colour by physical quantity, and a dash and a shape for those who see colours
 * otherwise. The server's check says what flows; without it an edge is grey.
 */
import type { StreamInfo } from "../api/types";
import { quantity as withUnit } from "../ui/format";

export type Shape = "circle" | "square" | "diamond" | "triangle" | "ring";

export interface Look {
  key: string;
  label: string;
  /** Design token. */
  color: `--${string}`;
  /** SVG dash pattern; "" is a full line. */
  dash: string;
  shape: Shape;
}

const look = (key: string, label: string, dash: string, shape: Shape): Look => ({
  key,
  label,
  color: `--q-${key}`,
  dash,
  shape,
});

const UNKNOWN: Look = { ...look("other", "Not known yet", "3 3", "ring") };
const PLAIN = look("plain", "Signal without a unit", "", "circle");
const LEVEL = look("number", "Level", "7 3", "triangle");
const MIXED = look("other", "Several quantities", "", "circle");

/** On axes other than time the axis decides. */
const BY_AXIS: Record<string, Look> = {
  frequency: look("frequency", "Spectrum", "8 3", "square"),
  band: look("band", "Bands", "8 3 2 3", "diamond"),
  order: look("order", "Orders", "2 3", "diamond"),
  none: look("number", "Numbers", "1 3", "triangle"),
};

/** Quantities over time: sound is a full line, motion long dashes, electrical a dash and a point, the rest short ones. */
const BY_QUANTITY: Record<string, Look> = {
  pressure: look("pressure", "Pressure", "", "circle"),
  acceleration: look("acceleration", "Acceleration", "12 3", "circle"),
  velocity: look("velocity", "Velocity", "12 3 3 3", "circle"),
  displacement: look("displacement", "Displacement", "12 3 3 3 3 3", "circle"),
  voltage: look("voltage", "Voltage", "8 3 2 3", "circle"),
  temperature: look("temperature", "Temperature", "4 3", "triangle"),
  force: look("force", "Force", "12 3", "diamond"),
  level: LEVEL,
};

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/level/i, "level"],
  [/pressure/i, "pressure"],
  [/acceleration/i, "acceleration"],
  [/velocity|speed/i, "velocity"],
  [/displacement|length/i, "displacement"],
  [/voltage|potential/i, "voltage"],
  [/temperature/i, "temperature"],
  [/force/i, "force"],
];

const UNITS: Record<string, string> = {
  dB: "level",
  Pa: "pressure",
  "m/s2": "acceleration",
  "m/s^2": "acceleration",
  g: "acceleration",
  "m/s": "velocity",
  m: "displacement",
  V: "voltage",
  degC: "temperature",
  K: "temperature",
  N: "force",
};

function keyOf(channel: { unit: string | null; quantity: string | null }): string {
  for (const [word, key] of WORDS) if (channel.quantity && word.test(channel.quantity)) return key;
  return UNITS[channel.unit ?? ""] ?? "other";
}

export function lookOf(info: StreamInfo | null | undefined): Look {
  if (!info) return UNKNOWN;
  const axis = BY_AXIS[info.axis];
  if (axis) return axis;
  const keys = new Set(info.channels.map(keyOf));
  if (keys.size > 1) return MIXED;
  const [key = "other"] = keys;
  return BY_QUANTITY[key] ?? PLAIN;
}

/** One line on a stream: `Pressure in Pa · 48 kHz · 2 channels`. */
export function describe(info: StreamInfo | null | undefined): string {
  if (!info) return "Not known before it runs";
  const units = [...new Set(info.channels.map((channel) => channel.unit).filter(Boolean))];
  const what = lookOf(info).label + (units.length === 1 ? ` in ${units[0]}` : "");
  const parts = [what];
  if (info.rate) parts.push(withUnit(info.rate, "Hz"));
  if (info.points) parts.push(`${info.points} points`);
  if (info.channels.length > 0)
    parts.push(
      info.channels.length === 1 ? `channel ${info.channels[0]?.name}` : `${info.channels.length} channels`,
    );
  return parts.join(" · ");
}
