/** Bytes as the server writes them, for tests: an encoder of its own, made from the document and not from decode.ts. */
import { KINDS } from "./frames";

export interface Piece {
  kind: (typeof KINDS)[number];
  flags?: number;
  channels?: number;
  stream?: number;
  generation?: number;
  sequence?: number;
  first?: number;
  columns?: number;
  rows?: number;
  time?: number;
  emitted?: number;
  lost?: number;
  trigger?: number;
  payload: Uint8Array;
}

/** The bytes of several arrays, one behind the other. */
export function bytes(...parts: (Float32Array | Float64Array | Uint8Array)[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  return whole;
}

export function described(description: Record<string, unknown>, piece: Partial<Piece> = {}): Piece {
  const text = new TextEncoder().encode(JSON.stringify(description));
  const payload = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(0x20);
  payload.set(text);
  return { kind: "description", ...piece, payload };
}

export function bundle(number: number, pieces: Piece[], sent = 1.5): ArrayBuffer {
  const lengths = pieces.map((piece) => 64 + Math.ceil(piece.payload.length / 8) * 8);
  const buffer = new ArrayBuffer(24 + lengths.reduce((sum, length) => sum + length, 0));
  const view = new DataView(buffer);
  const letters = (at: number, text: string) =>
    [...text].forEach((letter, index) => {
      view.setUint8(at + index, letter.charCodeAt(0));
    });
  letters(0, "SLB1");
  view.setUint32(4, number, true);
  view.setUint32(8, pieces.length, true);
  view.setFloat64(16, sent, true);
  let at = 24;
  pieces.forEach((piece, index) => {
    const length = lengths[index] as number;
    letters(at, "SLF1");
    view.setUint8(at + 4, KINDS.indexOf(piece.kind));
    view.setUint8(at + 5, piece.flags ?? 0);
    view.setUint16(at + 6, piece.channels ?? 0, true);
    view.setUint32(at + 8, length, true);
    view.setUint32(at + 12, piece.stream ?? 0, true);
    view.setUint32(at + 16, piece.generation ?? 0, true);
    view.setUint32(at + 20, piece.sequence ?? 0, true);
    view.setBigUint64(at + 24, BigInt(piece.first ?? 0), true);
    view.setUint32(at + 32, piece.columns ?? 0, true);
    view.setUint32(at + 36, piece.rows ?? 0, true);
    view.setFloat64(at + 40, piece.time ?? 0, true);
    view.setFloat64(at + 48, piece.emitted ?? 0, true);
    view.setUint32(at + 56, piece.lost ?? 0, true);
    view.setUint32(at + 60, piece.trigger ?? 0, true);
    new Uint8Array(buffer, at + 64, piece.payload.length).set(piece.payload);
    at += length;
  });
  return buffer;
}
