/**
 * Bytes of the data socket to frames. Nothing here throws: what cannot be read is a fault, and is counted.
 *
 * The arrays of a frame lie on the message's own buffer, so handing them on costs no copy.
 */
import { readDescription } from "./describe";
import {
  BUNDLE_HEAD,
  BUNDLE_MAGIC,
  FLAG,
  FRAME_HEAD,
  FRAME_MAGIC,
  type Frame,
  type FrameHead,
  type FrameKind,
  KINDS,
} from "./frames";

export interface Decoded {
  /** Number of the bundle, to be answered; null when not even the head could be read. */
  bundle: number | null;
  /** Unix time at which the server sent it. */
  sent: number;
  frames: Frame[];
  /** One line for each thing that was wrong. */
  faults: string[];
}

const LIMIT_CHANNELS = 4096;

/** Read a message of the data socket. */
export function decodeBundle(buffer: ArrayBuffer): Decoded {
  const result: Decoded = { bundle: null, sent: Number.NaN, frames: [], faults: [] };
  const view = new DataView(buffer);
  if (buffer.byteLength < BUNDLE_HEAD || view.getUint32(0, true) !== BUNDLE_MAGIC) {
    result.faults.push("not a bundle");
    return result;
  }
  result.bundle = view.getUint32(4, true);
  result.sent = view.getFloat64(16, true);
  const count = view.getUint32(8, true);
  let at = BUNDLE_HEAD;
  for (let index = 0; index < count; index++) {
    const length = frameLength(view, at);
    if (length === 0) {
      result.faults.push(`frame ${index} of ${count} is cut off or is none`);
      return result;
    }
    const frame = readFrame(buffer, view, at, length);
    if (typeof frame === "string") result.faults.push(frame);
    else result.frames.push(frame);
    at += length;
  }
  if (at !== buffer.byteLength) result.faults.push("bytes behind the last frame");
  return result;
}

/** Length of the frame at a place, 0 when there is no whole frame. */
function frameLength(view: DataView, at: number): number {
  if (at + FRAME_HEAD > view.byteLength || view.getUint32(at, true) !== FRAME_MAGIC) return 0;
  const length = view.getUint32(at + 8, true);
  return length >= FRAME_HEAD && length % 8 === 0 && at + length <= view.byteLength ? length : 0;
}

function readFrame(buffer: ArrayBuffer, view: DataView, at: number, length: number): Frame | string {
  const code = view.getUint8(at + 4);
  const kind = KINDS[code];
  if (kind === undefined) return `frame of unknown kind ${code}`;
  const head: FrameHead = {
    flags: view.getUint8(at + 5),
    channels: view.getUint16(at + 6, true),
    stream: view.getUint32(at + 12, true),
    generation: view.getUint32(at + 16, true),
    sequence: view.getUint32(at + 20, true),
    first: view.getUint32(at + 24, true) + view.getUint32(at + 28, true) * 2 ** 32,
    columns: view.getUint32(at + 32, true),
    rows: view.getUint32(at + 36, true),
    time: view.getFloat64(at + 40, true),
    emitted: view.getFloat64(at + 48, true),
    lost: view.getUint32(at + 56, true),
    trigger: view.getUint32(at + 60, true),
  };
  const start = at + FRAME_HEAD;
  if (kind !== "description" && payloadLength(kind, head) !== length - FRAME_HEAD)
    return `${kind} frame of ${length} bytes does not hold ${head.channels} channels x ${head.columns} columns`;
  return readPayload(kind, head, buffer, start, length - FRAME_HEAD);
}

/** Bytes that the head promises, padding included; NaN where the head cannot be right. */
function payloadLength(kind: Exclude<FrameKind, "description">, head: FrameHead): number {
  const { channels, columns, rows } = head;
  if (isEmptyEnd(head)) return 0;
  if (channels > LIMIT_CHANNELS || !Number.isSafeInteger(head.first)) return Number.NaN;
  const padded = (bytes: number) => Math.ceil(bytes / 8) * 8;
  switch (kind) {
    case "strip":
    case "scope":
      return padded(8 * columns * channels + columns);
    case "spectrum":
      return padded(4 * channels * columns * (head.flags & FLAG.peak ? 2 : 1) + 8 * channels);
    case "waterfall":
      return padded(rows * columns);
    case "levels":
      return columns === 4 ? 16 * channels : Number.NaN;
    case "scalar":
      return columns === 4 ? 32 * channels : Number.NaN;
  }
}

/** The last frame of a stream may say nothing but that. */
function isEmptyEnd({ flags, columns, rows }: FrameHead): boolean {
  return (flags & FLAG.eos) !== 0 && columns === 0 && rows === 0;
}

function readPayload(
  kind: FrameKind,
  head: FrameHead,
  buffer: ArrayBuffer,
  start: number,
  bytes: number,
): Frame | string {
  const { channels, columns, rows } = head;
  switch (kind) {
    case "description": {
      const json = new TextDecoder().decode(new Uint8Array(buffer, start, bytes));
      const description = readDescription(json);
      return description ? { ...head, kind, description } : "a description that is none";
    }
    case "strip":
    case "scope": {
      const count = columns * channels * 2;
      const values = new Float32Array(buffer, start, count);
      return { ...head, kind, values, marks: new Uint8Array(buffer, start + 4 * count, columns) };
    }
    case "spectrum": {
      const count = channels * columns;
      const none = new Float32Array(0);
      if (isEmptyEnd(head)) return { ...head, kind, values: none, hold: null, peaks: none };
      const held = (head.flags & FLAG.peak) !== 0;
      const values = new Float32Array(buffer, start, count);
      const hold = held ? new Float32Array(buffer, start + 4 * count, count) : null;
      const peaks = new Float32Array(buffer, start + 4 * count * (held ? 2 : 1), 2 * channels);
      return { ...head, kind, values, hold, peaks };
    }
    case "waterfall":
      return { ...head, kind, cells: new Uint8Array(buffer, start, rows * columns) };
    case "levels":
      return { ...head, kind, values: new Float32Array(buffer, start, columns * channels) };
    case "scalar":
      return { ...head, kind, values: new Float64Array(buffer, start, columns * channels) };
  }
}
