/** Numbers with units as they are printed: SI prefixes, minus signs, levels and their references. */
import type { StreamChannel } from "../data/describe";

const PREFIXES: readonly [number, string][] = [
  [1e-15, "f"],
  [1e-12, "p"],
  [1e-9, "n"],
  [1e-6, "µ"],
  [1e-3, "m"],
  [1, ""],
  [1e3, "k"],
  [1e6, "M"],
  [1e9, "G"],
  [1e12, "T"],
];

/** Units that a prefix may stand before; `kg` for thousand times gravity would be read wrongly. */
const TAKES_PREFIX = new Set("Pa V A W N m m/s m/s2 s Hz C F J S T Ohm bar".split(" "));
const ONLY_SMALLER = new Set(["g", "m", "m/s", "m/s2"]);

/** A unit as it is printed: `m/s2` -> `m/s²`, `Pa^2/Hz` -> `Pa²/Hz`, `degC` -> `°C`, `1` -> nothing. */
export function prettyUnit(unit: string): string {
  if (unit === "1") return "";
  return unit
    .replace(/\^2|(?<=[a-z])2\b/g, "²")
    .replace(/\^3/g, "³")
    .replace(/^u(?=[A-Za-z])/, "µ")
    .replace(/(?<= )u(?=[A-Za-z])/, "µ")
    .replace(/deg(?=[CF]\b)/, "°")
    .replace(/Ohm/, "Ω");
}

export interface Scaled {
  /** What a value is multiplied by. */
  factor: number;
  unit: string;
}

/** The prefix in which a magnitude has one to three digits before the point, where the unit takes one. */
export function scaled(unit: string, magnitude: number): Scaled {
  const plain = { factor: 1, unit: prettyUnit(unit) };
  const small = ONLY_SMALLER.has(unit);
  if (!(TAKES_PREFIX.has(unit) || small) || !(magnitude > 0) || !Number.isFinite(magnitude)) return plain;
  let best = PREFIXES[0] as [number, string];
  for (const one of PREFIXES) {
    if (one[0] <= magnitude * 1.0000001 && !(small && one[0] > 1)) best = one;
  }
  return { factor: 1 / best[0], unit: best[1] + prettyUnit(unit) };
}

/** A number with so many significant digits, without an exponent where that is readable; `−` for minus. */
export function number(value: number, digits = 4): string {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.floor(Math.log10(Math.abs(value)));
  const text =
    size >= Math.max(digits, 6) || size < -4
      ? value.toExponential(digits - 1)
      : value.toFixed(Math.max(0, Math.min(20, digits - 1 - size)));
  return text.replace(/^-/, "−").replace("e-", "e−").replace("e+", "e");
}

/** A number with so many places behind the point. */
export function fixed(value: number, places: number): string {
  if (!Number.isFinite(value)) return number(value);
  const text = value.toFixed(places);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}

/** `1.25 kHz`, `−3.02 mV`, `82.4 dB`: four significant digits and the unit with its prefix; levels have one place. */
export function quantity(value: number, unit: string, digits = 4): string {
  if (unit === "dB" || unit.startsWith("dB ")) return `${fixed(value, digits >= 5 ? 2 : 1)} dB`;
  const scale = scaled(unit, Math.abs(value));
  return `${number(value * scale.factor, digits)} ${scale.unit}`.trim();
}

/** Seconds as a reading: `12.35 s`, `2:05.1`, `1:02:05`. */
export function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  if (Math.abs(seconds) < 60) return `${fixed(seconds, 2)} s`;
  const sign = seconds < 0 ? "−" : "";
  const tenths = Math.round(Math.abs(seconds) * 10);
  const hours = Math.floor(tenths / 36000);
  const minutes = Math.floor(tenths / 600) % 60;
  const rest = (tenths % 600) / 10;
  const two = (value: number) => String(value).padStart(2, "0");
  if (hours > 0) return `${sign}${hours}:${two(minutes)}:${two(Math.floor(rest))}`;
  return `${sign}${minutes}:${rest.toFixed(1).padStart(4, "0")}`;
}

export interface LevelReference {
  /** In the channel's unit. */
  value: number;
  /** `dB re 20 µPa`. */
  label: string;
}

/** Preferred references (ISO 1683:2015 for sound in gases and vibration), in the unit. */
const PREFERRED: Record<string, [number, string]> = {
  Pa: [20e-6, "20 µPa"],
  "m/s2": [1e-6, "1 µm/s²"],
  g: [1e-6 / 9.80665, "1 µm/s²"],
  "m/s": [1e-9, "1 nm/s"],
  m: [1e-12, "1 pm"],
  N: [1e-6, "1 µN"],
};
const SMALL: Record<string, number> = { p: 1e-12, n: 1e-9, u: 1e-6, µ: 1e-6, m: 1e-3, k: 1e3 };

/** What a channel's levels refer to: its own reference, else the preferred one of its unit, else one of it. */
export function referenceOf(channel: Pick<StreamChannel, "unit" | "reference">): LevelReference {
  const { unit, reference } = channel;
  const [, digits = "", symbol = ""] = /^\s*([0-9.]+(?:[eE][+-]?\d+)?)\s*(\S*)\s*$/.exec(reference) ?? [];
  if (digits) {
    const prefix = symbol !== unit && symbol.slice(1) === unit ? (SMALL[symbol[0] ?? ""] ?? null) : null;
    if (symbol === unit || prefix !== null || symbol === "") {
      const value = Number(digits) * (prefix ?? 1);
      if (value > 0 && Number.isFinite(value)) return { value, label: `dB re ${prettyUnit(reference)}` };
    }
  }
  const known = PREFERRED[unit];
  if (known) return { value: known[0], label: `dB re ${known[1]}` };
  return { value: 1, label: `dB re ${`1 ${prettyUnit(unit)}`.trim()}` };
}

/** Whether a channel's numbers are levels already. */
export function isLevel(unit: string): boolean {
  return unit === "dB" || unit.startsWith("dB");
}

/** Name of an axis of values: `sound pressure [Pa]`, `Level [dB re 20 µPa]`. */
export function valueLabel(channel: StreamChannel, unit: string): string {
  const shown = isLevel(channel.unit) && channel.reference ? `dB re ${prettyUnit(channel.reference)}` : unit;
  return shown ? `[${shown}]` : "";
}
