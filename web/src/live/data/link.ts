/**
 * The data socket: opens, opens again when it breaks, decodes, answers bundles.
 *
 * Runs in the worker; the socket and the clock come from outside, so that tests can be both.
 */
import { decodeBundle } from "./decode";
import type { Frame } from "./frames";
import type { FromWorker, LinkCounts, ToWorker } from "./messages";

export interface SocketLike {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  send(data: ArrayBuffer): void;
  close(): void;
}

export interface Surroundings {
  open(url: string): SocketLike;
  post(message: FromWorker, transfer: ArrayBuffer[]): void;
  /** Unix time in seconds. */
  now(): number;
  after(seconds: number, action: () => void): () => void;
}

/** Seconds between attempts. The page gives a new address when its session is another. */
const PAUSES = [0.05, 0.2, 0.5, 1, 2];

interface Known {
  kind: string;
  generation: number;
  /** Of the newest frame; null before the first. */
  sequence: number | null;
  points: number;
  channels: number;
}

export class DataLink {
  private readonly around: Surroundings;
  private socket: SocketLike | null = null;
  private open = false;
  private url: string | null = null;
  private attempt = 0;
  private cancel: () => void = () => undefined;
  private readonly known = new Map<number, Known>();
  private readonly counts: LinkCounts = {
    bytes: 0,
    bundles: 0,
    frames: 0,
    faults: 0,
    strays: 0,
    merged: 0,
    opened: 0,
  };

  constructor(around: Surroundings) {
    this.around = around;
  }

  take(message: ToWorker): void {
    if (message.type === "done") this.answer(message.socket, message.bundle);
    else if (message.type === "connect") {
      if (message.url === this.url) return;
      this.drop();
      this.url = message.url;
      this.attempt = 0;
      this.connect();
    } else {
      this.url = null;
      this.drop();
    }
  }

  private drop(): void {
    this.cancel();
    const socket = this.socket;
    this.socket = null;
    this.open = false;
    this.known.clear();
    socket?.close();
  }

  private connect(): void {
    if (this.url === null) return;
    const socket = this.around.open(this.url);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      if (this.socket !== socket) return;
      this.open = true;
      this.attempt = 0;
      this.counts.opened += 1;
      this.tell(true, "");
    };
    socket.onmessage = (event) => {
      if (this.socket === socket) this.receive(event.data);
    };
    socket.onclose = () => {
      if (this.socket === socket) this.lost();
    };
  }

  private lost(): void {
    this.socket = null;
    this.open = false;
    this.known.clear();
    this.tell(false, "");
    const pause = PAUSES[Math.min(this.attempt, PAUSES.length - 1)] ?? 2;
    this.attempt += 1;
    this.cancel = this.around.after(pause, () => this.connect());
  }

  private tell(open: boolean, fault: string): void {
    this.around.post({ type: "state", open, counts: { ...this.counts }, fault }, []);
  }

  /** Bundles are numbered on each socket anew, so an answer is for the socket that brought it. */
  private answer(socket: number, bundle: number): void {
    if (!this.socket || !this.open || socket !== this.counts.opened) return;
    const message = new DataView(new ArrayBuffer(8));
    message.setUint32(0, bundle, true);
    this.socket.send(message.buffer);
  }

  private receive(data: unknown): void {
    this.counts.bundles += 1;
    if (!(data instanceof ArrayBuffer)) {
      this.counts.faults += 1;
      this.tell(true, "a message that is not binary");
      return;
    }
    this.counts.bytes += data.byteLength;
    const { bundle, sent, frames, faults } = decodeBundle(data);
    const fit: Frame[] = [];
    for (const frame of frames) {
      const fault = this.place(frame);
      if (fault === null) fit.push(frame);
      else if (fault !== "") faults.push(fault);
    }
    this.counts.frames += fit.length;
    this.counts.faults += faults.length;
    if (faults.length > 0) this.tell(true, faults[0] ?? "");
    if (bundle === null) return;
    const received = this.around.now();
    this.around.post(
      {
        type: "bundle",
        bundle,
        socket: this.counts.opened,
        sent,
        received,
        frames: fit,
        counts: { ...this.counts },
      },
      fit.length > 0 ? [data] : [],
    );
  }

  /** Whether a frame goes with its stream's description: null if it does, "" if it is a stray, else the fault. */
  private place(frame: Frame): string | null {
    if (frame.kind === "description") {
      const { x, channels, kind } = frame.description;
      const points = kind === "spectrum" || kind === "waterfall" ? x.length : -1;
      this.known.set(frame.stream, {
        kind,
        generation: frame.generation,
        sequence: null,
        points,
        channels: kind === "waterfall" ? -1 : channels.length,
      });
      return null;
    }
    const known = this.known.get(frame.stream);
    if (known?.generation !== frame.generation || known.kind !== frame.kind) {
      this.counts.strays += 1;
      return "";
    }
    if (known.points >= 0 && frame.columns !== known.points && frame.columns > 0)
      return `a ${frame.kind} of ${frame.columns} points where ${known.points} were described`;
    if (known.channels >= 0 && frame.channels !== known.channels)
      return `a ${frame.kind} of ${frame.channels} channels where ${known.channels} were described`;
    if (known.sequence !== null)
      this.counts.merged += Math.max(0, ((frame.sequence - known.sequence) | 0) - 1);
    known.sequence = frame.sequence;
    return null;
  }
}
