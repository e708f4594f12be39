/** The description of a stream, checked: what a drawing relies on is there and has its type. */
import type { FrameKind } from "./frames";

export interface StreamChannel {
  name: string;
  unit: string;
  quantity: string;
  /** Reference of a level, such as `20 uPa`; "" where there is none. */
  reference: string;
  range: [number, number] | null;
}

export interface Description {
  stream: number;
  generation: number;
  kind: Exclude<FrameKind, "description">;
  pipeline: string;
  output: string;
  options: Record<string, unknown>;
  axis: string;
  /** Samples (or frames) per second; null where the stream has no rate. */
  rate: number | null;
  /** Unix time of sample 0, where it is known. */
  origin: number | null;
  channels: StreamChannel[];
  samplesPerColumn: number;
  columns: number;
  x: number[];
  size: number | null;
  resolution: number | null;
  source: string;
  decibels: boolean;
  rowSeconds: number | null;
}

type Raw = Record<string, unknown>;

const KINDS = ["strip", "scope", "spectrum", "waterfall", "levels", "scalar"] as const;
const MOST_CHANNELS = 4096;
const MOST_POINTS = 1 << 20;

function record(value: unknown): Raw | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Raw) : null;
}

function finite(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A rational `[numerator, denominator]`, or a number; null when it is neither, or not above zero. */
function ratio(value: unknown): number | null {
  const number = Array.isArray(value) ? Number(value[0]) / Number(value[1]) : finite(value);
  return number !== null && Number.isFinite(number) && number > 0 ? number : null;
}

function interval(value: unknown): [number, number] | null {
  if (Array.isArray(value)) {
    const [low, high] = value.map(finite);
    return low != null && high != null && low < high ? [low, high] : null;
  }
  const size = finite(value);
  return size !== null && size > 0 ? [-size, size] : null;
}

function channel(value: unknown): StreamChannel | null {
  const raw = record(value);
  if (!raw || typeof raw.name !== "string") return null;
  return {
    name: raw.name,
    unit: text(raw.unit),
    quantity: text(raw.quantity),
    reference: text(raw.reference),
    range: interval(raw.range),
  };
}

function ascending(value: unknown): number[] | null {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > MOST_POINTS) return null;
  let before = Number.NEGATIVE_INFINITY;
  for (const item of value) {
    const number = finite(item);
    if (number === null || number <= before) return null;
    before = number;
  }
  return value as number[];
}

/** The description in a frame of kind 0; null when it is not one. */
export function readDescription(json: string): Description | null {
  let raw: Raw | null;
  try {
    raw = record(JSON.parse(json));
  } catch {
    return null;
  }
  if (!raw) return null;
  const kind = KINDS.find((one) => one === raw.kind);
  const listed = Array.isArray(raw.channels) ? raw.channels.map(channel) : [null];
  const channels = listed.filter((one) => one !== null);
  const x = ascending(raw.x);
  const columns = raw.columns === undefined ? 0 : finite(raw.columns);
  if (!kind || channels.length !== listed.length || channels.length > MOST_CHANNELS || x === null)
    return null;
  if (columns === null || !Number.isInteger(columns) || columns < 0 || columns > MOST_POINTS) return null;
  return {
    stream: finite(raw.stream) ?? -1,
    generation: finite(raw.generation) ?? -1,
    kind,
    pipeline: text(raw.pipeline),
    output: text(raw.output),
    options: record(raw.options) ?? {},
    axis: text(raw.axis) || "time",
    rate: ratio(raw.rate),
    origin: finite(raw.origin),
    channels,
    samplesPerColumn: ratio(raw.samples_per_column) ?? 1,
    columns,
    x,
    size: finite(raw.size),
    resolution: finite(raw.resolution),
    source: text(raw.source),
    decibels: raw.decibels === true,
    rowSeconds: ratio(raw.row_seconds),
  };
}
