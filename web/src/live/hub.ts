/**
 * Live streams of the page: asked for on the control socket, fed by the data worker, shared by all that look at one.
 *
 * `hub.open(request, listener)` gives a handle; streams are asked for again by themselves after a reconnect.
 */
import { useConnection } from "../api/connection";
import { type ControlSocket, control } from "../api/control";
import { ApiError } from "../api/http";
import type { ErrorBody } from "../api/types";
import type { Frame } from "./data/frames";
import { FLAG } from "./data/frames";
import type { FromWorker, ToWorker } from "./data/messages";
import { perf } from "./diagnostics/perf";
import { loop } from "./loop";
import { feed, modelFor, type StreamModel } from "./models/models";

export interface StreamRequest {
  pipeline: string;
  /** `node` or `node.port`. */
  output: string;
  kind: string;
  options: Record<string, unknown>;
}

export interface StreamListener {
  /** Something new is in the model; called at most once a frame. */
  data(): void;
  /** Another description, an error, or the error is over. */
  changed(): void;
}

export interface WorkerLike {
  onmessage: ((event: { data: FromWorker }) => void) | null;
  postMessage(message: ToWorker): void;
}

type Wire = Pick<ControlSocket, "on" | "request">;

/** Frames that came before the answer to their subscription, at most. */
const EARLY = 64;
/** Milliseconds that a stream outlives its last listener: a panel that is only put elsewhere keeps it. */
const LINGER = 250;

export class Stream {
  readonly request: StreamRequest;
  readonly listeners = new Set<StreamListener>();
  id: number | null = null;
  /** The answer's options: with defaults filled in. */
  options: Record<string, unknown> | null = null;
  model: StreamModel | null = null;
  error: ErrorBody | null = null;
  /** Unix time at which the newest sample left its node. */
  emitted = 0;
  fresh = false;
  /** Whether it was asked for once more since something was seen of it. */
  again = false;

  constructor(request: StreamRequest) {
    this.request = request;
  }

  changed(): void {
    for (const listener of this.listeners) listener.changed();
  }
}

export class Hub {
  private readonly wire: Wire;
  private readonly create: () => WorkerLike;
  private worker: WorkerLike | null = null;
  private session: string | null = null;
  private readonly streams = new Map<string, Stream>();
  private readonly byId = new Map<number, Set<Stream>>();
  private readonly early = new Map<number, Frame[]>();
  private asking = 0;
  private readonly queue: Extract<FromWorker, { type: "bundle" }>[] = [];
  private done: Extract<FromWorker, { type: "bundle" }> | null = null;

  constructor(wire: Wire, create: () => WorkerLike, session: string | null) {
    this.wire = wire;
    this.create = create;
    this.session = session;
    wire.on("hello", (hello) => this.began(hello.session));
    wire.on("stream", ({ stream, error }) => {
      for (const one of [...(this.byId.get(stream) ?? [])]) this.refuse(one, error);
    });
    wire.on("pipeline", ({ pipeline }) => {
      for (const one of this.streams.values())
        if (one.request.pipeline === pipeline.id && one.error && one.id === null) void this.ask(one);
    });
    loop.attach(this);
  }

  /** Show a stream to a listener; the returned function ends it. */
  open(request: StreamRequest, listener: StreamListener): { stream: Stream; close: () => void } {
    const key = JSON.stringify([request.pipeline, request.output, request.kind, request.options]);
    let stream = this.streams.get(key);
    if (!stream) {
      stream = new Stream(request);
      this.streams.set(key, stream);
      this.connect();
      void this.ask(stream);
    }
    const held = stream;
    held.listeners.add(listener);
    const close = () => {
      if (!held.listeners.delete(listener)) return;
      setTimeout(() => {
        if (held.listeners.size === 0 && this.streams.get(key) === held) this.forget(key, held);
      }, LINGER);
    };
    return { stream: held, close };
  }

  /** Forget peak hold and averages. */
  async clear(stream: Stream): Promise<void> {
    if (stream.id !== null) await this.wire.request({ op: "reset", stream: stream.id });
  }

  drain(): void {
    for (const bundle of this.queue) {
      this.done = bundle;
      for (const frame of bundle.frames) this.deliver(frame);
    }
    this.queue.length = 0;
    for (const stream of this.streams.values()) {
      if (!stream.fresh) continue;
      stream.fresh = false;
      for (const listener of stream.listeners) listener.data();
    }
  }

  finish(): void {
    if (!this.done) return;
    for (const frame of this.done.frames) if (frame.kind !== "description") perf.seen(frame.emitted);
    this.worker?.postMessage({ type: "done", socket: this.done.socket, bundle: this.done.bundle });
    this.done = null;
  }

  private began(session: string): void {
    this.session = session;
    this.byId.clear();
    this.early.clear();
    this.queue.length = 0;
    if (this.streams.size === 0 && !this.worker) return;
    this.connect();
    for (const stream of this.streams.values()) {
      stream.id = null;
      void this.ask(stream);
    }
  }

  private connect(): void {
    if (this.session === null) return;
    if (!this.worker) {
      this.worker = this.create();
      this.worker.onmessage = ({ data }) => this.take(data);
    }
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const url = `${scheme}://${location.host}/api/data?session=${encodeURIComponent(this.session)}`;
    this.worker.postMessage({ type: "connect", url });
  }

  private async ask(stream: Stream): Promise<void> {
    const { session } = this;
    if (session === null) return;
    const { pipeline, output, kind, options } = stream.request;
    this.asking += 1;
    try {
      const answer = await this.wire.request<{ stream: number; options?: Record<string, unknown> }>({
        op: "subscribe",
        pipeline,
        output,
        kind,
        options,
      });
      if (session !== this.session) return;
      this.settle(stream, answer.stream, answer.options ?? {});
    } catch (error) {
      // A lost line is not the stream's fault: the next hello asks again.
      if (session === this.session && error instanceof ApiError && error.code !== "network")
        this.fail(stream, { code: error.code, message: error.message, hint: error.hint });
    } finally {
      this.asking -= 1;
      if (this.asking === 0) this.early.clear();
    }
  }

  private settle(stream: Stream, id: number, options: Record<string, unknown>): void {
    stream.id = id;
    stream.options = options;
    const sharing = this.byId.get(id) ?? new Set();
    const [other] = sharing;
    this.byId.set(id, sharing.add(stream));
    if (![...this.streams.values()].includes(stream)) {
      this.release(stream);
      return;
    }
    // Asked for in other words, but the same to the server: it does not begin anew, so the model is shared.
    if (other?.model) stream.model = other.model;
    stream.error = null;
    for (const frame of this.early.get(id) ?? []) this.deliver(frame);
    this.early.delete(id);
    stream.fresh = true;
    stream.changed();
    loop.wake();
  }

  /**
   * A view cannot show what came. One that was to suit by itself was chosen before anything was known: now it is.
   */
  private refuse(stream: Stream, error: ErrorBody): void {
    if (stream.request.kind !== "auto" || stream.again) {
      this.fail(stream, error);
      return;
    }
    stream.again = true;
    this.release(stream);
    void this.ask(stream);
  }

  private fail(stream: Stream, error: ErrorBody): void {
    stream.error = error;
    stream.changed();
  }

  private forget(key: string, stream: Stream): void {
    this.streams.delete(key);
    this.release(stream);
  }

  private release(stream: Stream): void {
    const { id } = stream;
    if (id === null) return;
    const sharing = this.byId.get(id);
    sharing?.delete(stream);
    if (sharing?.size === 0) this.byId.delete(id);
    stream.id = null;
    this.wire.request({ op: "unsubscribe", stream: id }).catch(() => undefined);
  }

  private take(message: FromWorker): void {
    if (message.type === "state") {
      perf.counted(message.counts);
      return;
    }
    this.queue.push(message);
    perf.received(message.sent, message.received, this.queue.length, message.counts);
    loop.wake();
  }

  private deliver(frame: Frame): void {
    const sharing = this.byId.get(frame.stream);
    if (!sharing) {
      this.keepEarly(frame);
      return;
    }
    if (frame.kind === "description") {
      const model = modelFor(frame.description);
      for (const stream of sharing) {
        stream.model = model;
        stream.error = null;
        stream.again = false;
        stream.fresh = true;
        stream.changed();
      }
      return;
    }
    const [first] = sharing;
    if (!first?.model || !feed(first.model, frame)) return;
    if ((frame.flags & (FLAG.gap | FLAG.reset)) === FLAG.gap) perf.gap();
    for (const stream of sharing) {
      stream.fresh = true;
      stream.emitted = frame.emitted;
      if (stream.error) {
        stream.error = null;
        stream.changed();
      }
    }
  }

  private keepEarly(frame: Frame): void {
    if (this.asking === 0) return;
    const kept = this.early.get(frame.stream) ?? [];
    if (kept.length < EARLY) kept.push(frame);
    this.early.set(frame.stream, kept);
  }
}

function startWorker(): WorkerLike {
  return new Worker(new URL("./data/worker.ts", import.meta.url), {
    type: "module",
    name: "streamlab-data",
  }) as unknown as WorkerLike;
}

let only: Hub | null = null;

/** The page's hub, made when it is first asked for. */
export function hub(): Hub {
  only ??= new Hub(control, startWorker, useConnection.getState().session);
  return only;
}
