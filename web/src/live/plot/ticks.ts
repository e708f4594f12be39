/** Where the lines of an axis stand and what is written at them. */
import { fixed } from "./units";

export interface Tick {
  value: number;
  /** "" for a line without a number. */
  label: string;
  major: boolean;
}

/** The smallest of 1, 2, 5 times a power of ten that is not below `rough`. */
export function niceStep(rough: number): number {
  if (!(rough > 0) || !Number.isFinite(rough)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough) + 1e-9);
  const share = rough / power;
  const step = share <= 1.0000001 ? 1 : share <= 2.0000001 ? 2 : share <= 5.0000001 ? 5 : 10;
  return tidy(step * power);
}

/** Undo the rounding of products of powers of ten. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

/** Places behind the point that tell multiples of a step apart. */
export function placesOf(step: number): number {
  for (let places = 0; places < 15; places++) {
    const shifted = step * 10 ** places;
    if (Math.abs(shifted - Math.round(shifted)) < 1e-6 * shifted) return places;
  }
  return 15;
}

/** Multiples of a nice step, at most about `most` of them; `factor` goes over into the label only. */
export function linearTicks(min: number, max: number, most: number, factor = 1): Tick[] {
  if (!(max > min) || !Number.isFinite(max - min)) return [];
  const step = niceStep(((max - min) * factor) / Math.max(1, most));
  const places = placesOf(step);
  const ticks: Tick[] = [];
  const last = Math.floor((max * factor) / step + 1e-9);
  for (let index = Math.ceil((min * factor) / step - 1e-9); index <= last; index++) {
    const shown = index * step;
    ticks.push({ value: tidy(shown / factor), label: fixed(shown, places), major: true });
  }
  return ticks;
}

/** `20`, `1k`, `2.5k`, `16k`: frequencies as analyzers write them. */
export function hertz(value: number): string {
  const [share, suffix] =
    value >= 1e6 ? [value / 1e6, "M"] : value >= 1000 ? [value / 1000, "k"] : [value, ""];
  return `${Number(share.toPrecision(4))}${suffix}`;
}

/** Decades with their 2 to 9 in between; numbers at 1, 2, 5 where `pixels` leave room. */
export function logTicks(min: number, max: number, pixels: number, write = hertz): Tick[] {
  if (!(min > 0) || !(max > min) || !Number.isFinite(max)) return [];
  const decade = pixels / Math.log10(max / min);
  if (decade > 900)
    return linearTicks(min, max, pixels / 80).map((tick) => ({ ...tick, label: write(tick.value) }));
  const numbered = decade > 130 ? [1, 2, 5] : [1];
  const every = decade < 36 ? Math.ceil(36 / decade) : 1;
  const ticks: Tick[] = [];
  for (let power = Math.floor(Math.log10(min)); 10 ** power <= max * (1 + 1e-9); power++) {
    for (let digit = 1; digit < 10; digit++) {
      if (digit > 1 && decade < 36) break;
      const value = tidy(digit * 10 ** power);
      if (value < min * (1 - 1e-9) || value > max * (1 + 1e-9)) continue;
      const label = numbered.includes(digit) && power % every === 0 ? write(value) : "";
      ticks.push({ value, label, major: digit === 1 });
    }
  }
  return ticks;
}

const TIME_STEPS = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400];

/** Ticks of a time axis in seconds; beyond two minutes at whole minutes, written `2:30` or `1:05:00`. */
export function timeTicks(min: number, max: number, most: number): Tick[] {
  const span = max - min;
  if (!(span > 0) || span < 120) {
    return linearTicks(min, max, most, { µs: 1e6, ms: 1e3 }[timeUnit(min, max)] ?? 1);
  }
  const rough = span / Math.max(1, most);
  const step =
    rough <= 30
      ? rough <= 10
        ? 10
        : rough <= 15
          ? 15
          : 30
      : (TIME_STEPS.find((one) => one >= rough) ?? 86400);
  const ticks: Tick[] = [];
  for (let index = Math.ceil(min / step - 1e-9); index <= Math.floor(max / step + 1e-9); index++) {
    const value = index * step;
    ticks.push({ value, label: hoursMinutes(value, span >= 7200), major: true });
  }
  return ticks;
}

function hoursMinutes(seconds: number, hours: boolean): string {
  const whole = Math.abs(Math.round(seconds));
  const sign = seconds < 0 ? "−" : "";
  const two = (value: number) => String(value).padStart(2, "0");
  if (hours)
    return `${sign}${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return `${sign}${Math.floor(whole / 60)}:${two(whole % 60)}`;
}

/** Unit that the numbers of `timeTicks` are in. */
export function timeUnit(min: number, max: number): string {
  if (max - min >= 7200) return "h:min:s";
  if (max - min >= 120) return "min:s";
  const size = Math.max(Math.abs(min), Math.abs(max));
  return size < 1e-3 ? "µs" : size < 1 ? "ms" : "s";
}

/** Mantissas of the R10 series, which nominal midband frequencies are taken from (IEC 61260-1:2014, annex E). */
const R10 = [1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8];

/** Nominal midband frequency of a band: 1000 for 1000.0 or 1 kHz, 31.5 for 31.62, 125 for 125.89; else three digits. */
export function nominalFrequency(exact: number): number {
  if (!(exact > 0) || !Number.isFinite(exact)) return exact;
  const power = Math.floor(Math.log10(exact) + 1e-9);
  for (const shift of [power, power + 1]) {
    for (const mantissa of R10) {
      const value = mantissa * 10 ** shift;
      if (Math.abs(exact / value - 1) < 0.0145) return tidy(value);
    }
  }
  return Number(exact.toPrecision(3));
}

/** What is written below a band: `31.5`, `1k`, `12.5k`. */
export function bandLabel(exact: number): string {
  return hertz(nominalFrequency(exact));
}
