/** Options of a panel, as they are saved with a graph; what is not given has its default. */
import type { ViewKind } from "../../api/types";
import { type PanelKind, serverKind } from "./kinds";

export const FFT_WINDOWS = ["hann", "flattop", "blackmanharris", "rectangular"] as const;
export const SCALINGS = ["rms", "amplitude", "power", "psd"] as const;
export const AVERAGES = ["none", "exponential", "max"] as const;
export const FFT_SIZES = [256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536] as const;

export interface PanelOptions {
  /** Seconds shown: strip, scope, trend, waterfall. */
  window: number | null;
  /** Channels that are not shown, by name. */
  hidden: string[];
  /** Range of the y axis; null follows the signal. */
  y: [number, number] | null;

  mode: "scroll" | "sweep";
  layout: "auto" | "stack" | "overlay";
  each: boolean;

  trigger: "auto" | "normal" | "single";
  level: number;
  slope: "rising" | "falling";
  source: string | null;
  pre: number;
  hysteresis: number;

  frequency: "log" | "linear";
  decibels: boolean;
  /** Decibels that the y axis spans. */
  span: number;
  size: number | null;
  fft: (typeof FFT_WINDOWS)[number];
  scaling: (typeof SCALINGS)[number];
  average: (typeof AVERAGES)[number];
  count: number;
  hold: boolean;
  limits: boolean;

  /** Channel of a waterfall; null is the first. */
  channel: string | null;
  floor: number | null;
  ceiling: number | null;
  colours: "heat" | "grey";

  timeConstant: number;
}

export const DEFAULTS: PanelOptions = {
  window: null,
  hidden: [],
  y: null,
  mode: "scroll",
  layout: "auto",
  each: false,
  trigger: "auto",
  level: 0,
  slope: "rising",
  source: null,
  pre: 0.5,
  hysteresis: 0,
  frequency: "log",
  decibels: true,
  span: 100,
  size: null,
  fft: "hann",
  scaling: "rms",
  average: "exponential",
  count: 4,
  hold: false,
  limits: true,
  channel: null,
  floor: null,
  ceiling: null,
  colours: "heat",
  timeConstant: 0.125,
};

const ONE_OF: { [K in keyof PanelOptions]?: readonly unknown[] } = {
  mode: ["scroll", "sweep"],
  layout: ["auto", "stack", "overlay"],
  trigger: ["auto", "normal", "single"],
  slope: ["rising", "falling"],
  frequency: ["log", "linear"],
  fft: FFT_WINDOWS,
  scaling: SCALINGS,
  average: AVERAGES,
  colours: ["heat", "grey"],
  size: [null, 64, 128, ...FFT_SIZES],
};
const BOUNDS: { [K in keyof PanelOptions]?: readonly [number, number] } = {
  window: [1e-5, 86400],
  level: [-1e30, 1e30],
  pre: [0, 1],
  hysteresis: [0, 1e30],
  span: [10, 400],
  count: [1, 1000],
  floor: [-1000, 1000],
  ceiling: [-1000, 1000],
  timeConstant: [0.001, 60],
};
const NULLABLE = new Set<string>(["window", "y", "source", "size", "channel", "floor", "ceiling"]);

function fits(key: keyof PanelOptions, value: unknown): boolean {
  if (value === null) return NULLABLE.has(key);
  const one = ONE_OF[key];
  if (one) return one.includes(value);
  const bounds = BOUNDS[key];
  if (bounds) return typeof value === "number" && value >= bounds[0] && value <= bounds[1];
  if (key === "hidden") return Array.isArray(value) && value.every((name) => typeof name === "string");
  if (key === "y")
    return Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) && value[0] < value[1];
  if (key === "source" || key === "channel") return typeof value === "string";
  return typeof value === "boolean";
}

/** Options from a saved document: what does not fit is left at its default. */
export function readOptions(saved: unknown): PanelOptions {
  const options = { ...DEFAULTS } as Record<string, unknown>;
  if (typeof saved !== "object" || saved === null) return { ...DEFAULTS };
  for (const [key, value] of Object.entries(saved))
    if (key in DEFAULTS && fits(key as keyof PanelOptions, value)) options[key] = value;
  return options as unknown as PanelOptions;
}

/** Only what differs from the defaults: that is saved. */
export function savedOptions(options: PanelOptions): Partial<PanelOptions> {
  const entries = Object.entries(options).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(DEFAULTS[key as keyof PanelOptions]),
  );
  return Object.fromEntries(entries) as Partial<PanelOptions>;
}

/** Columns to ask for: about one for each of the screen's pixels, in the server's steps. */
export function columnsFor(pixels: number): number {
  // Between two steps the nearer one by ratio: a column may fill two pixels, or two columns one.
  return [300, 600, 1200].find((columns) => pixels <= columns * Math.SQRT2) ?? 2400;
}

const WINDOWS: Partial<Record<PanelKind, number>> = { strip: 2, scope: 0.02, trend: 60, waterfall: 20 };

export function windowOf(kind: PanelKind, options: PanelOptions): number {
  return options.window ?? WINDOWS[kind] ?? 2;
}

const STEPS = [1, 2, 5];

/** The next window of 1, 2, 5, 10 ... seconds that is shorter (-1) or longer (1). */
export function nextWindow(seconds: number, direction: -1 | 1, kind: PanelKind): number {
  const [least, most] = kind === "scope" ? [1e-4, 10] : kind === "strip" ? [0.01, 3600] : [5, 86400];
  const choices = Array.from({ length: 13 }, (_, power) =>
    STEPS.map((step) => step * 10 ** (power - 5)),
  ).flat();
  const next =
    direction > 0
      ? choices.find((choice) => choice > seconds * 1.001)
      : choices.findLast((choice) => choice < seconds * 0.999);
  return Math.min(most, Math.max(least, Number((next ?? seconds).toPrecision(3))));
}

/** The subscription for a panel: kind and options as the server knows them; null where it needs none. */
export function subscription(
  kind: PanelKind | "auto",
  options: PanelOptions,
  pixels: number,
  level = 0,
): { kind: ViewKind | "auto"; options: Record<string, unknown> } | null {
  const asked = serverKind(kind);
  if (asked === null) return null;
  const transform = {
    scale: options.frequency,
    size: options.size,
    window: options.fft,
    scaling: options.scaling,
  };
  switch (asked) {
    case "strip":
      return {
        kind: asked,
        options: { window: Math.max(0.01, windowOf("strip", options)), columns: columnsFor(pixels) },
      };
    case "scope":
      return {
        kind: asked,
        options: {
          window: Math.min(60, windowOf("scope", options)),
          // Short windows have few samples: each has a column of its own then.
          columns: columnsFor(2 * pixels),
          mode: options.trigger,
          level: options.level,
          slope: options.slope,
          source: options.source,
          pre: options.pre,
          hysteresis: options.hysteresis,
        },
      };
    case "spectrum":
      return {
        kind: asked,
        options: { ...transform, average: options.average, count: options.count, hold: options.hold },
      };
    case "waterfall": {
      const seconds = windowOf("waterfall", options);
      return {
        kind: asked,
        options: {
          ...transform,
          channel: options.channel,
          rate: Math.min(50, Math.max(0.5, Number((500 / seconds).toPrecision(2)))),
          floor: options.floor ?? -120 + level,
          ceiling: options.ceiling ?? level,
        },
      };
    }
    case "levels":
      return { kind: asked, options: { time_constant: options.timeConstant } };
    default:
      return { kind: asked, options: {} };
  }
}
