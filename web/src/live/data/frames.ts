/** What arrives on the data socket, in types: docs/reference/page-api.md, section 5. */
import type { Description } from "./describe";

export const BUNDLE_HEAD = 24;
export const FRAME_HEAD = 64;
export const BUNDLE_MAGIC = 0x31424c53; // "SLB1" read as a little-endian u32
export const FRAME_MAGIC = 0x31464c53; // "SLF1"

export const FLAG = { gap: 1, clipped: 2, eos: 4, peak: 8, reset: 16 } as const;
/** Marks of a column of a strip or scope. */
export const MARK = { lost: 1, clipped: 2, nan: 4 } as const;

export interface FrameHead {
  flags: number;
  channels: number;
  stream: number;
  generation: number;
  sequence: number;
  /** Column, sample, row or spectrum number: see the kind. */
  first: number;
  columns: number;
  rows: number;
  /** Seconds on the stream's axis, of `first`. */
  time: number;
  /** Unix time at which the newest sample left its node. */
  emitted: number;
  lost: number;
  trigger: number;
}

export interface DescriptionFrame extends FrameHead {
  kind: "description";
  description: Description;
}

/** Smallest and largest value of each column, `[columns][channels][2]`, and one byte of marks for each. */
export interface ColumnsFrame extends FrameHead {
  kind: "strip" | "scope";
  values: Float32Array;
  marks: Uint8Array;
}

/** `[channels][columns]`; `hold` of the same shape or null; `peaks` `[channels][2]`: frequency and value. */
export interface SpectrumFrame extends FrameHead {
  kind: "spectrum";
  values: Float32Array;
  hold: Float32Array | null;
  peaks: Float32Array;
}

/** `[rows][columns]`: 0 nothing, 1 to 255 from floor to ceiling. */
export interface WaterfallFrame extends FrameHead {
  kind: "waterfall";
  cells: Uint8Array;
}

/** `[channels][4]`: RMS, largest magnitude, held peak, samples out of range. */
export interface LevelsFrame extends FrameHead {
  kind: "levels";
  values: Float32Array;
}

/** `[channels][4]`: newest, smallest, largest, mean. */
export interface ScalarFrame extends FrameHead {
  kind: "scalar";
  values: Float64Array;
}

export type DataFrame = ColumnsFrame | SpectrumFrame | WaterfallFrame | LevelsFrame | ScalarFrame;
export type Frame = DescriptionFrame | DataFrame;
export type FrameKind = Frame["kind"];

/** By the number of `kind` in a frame's head. */
export const KINDS: readonly FrameKind[] = [
  "description",
  "strip",
  "scope",
  "spectrum",
  "waterfall",
  "levels",
  "scalar",
];
