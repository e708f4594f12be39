import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ControlSocket } from "../api/control";
import { ApiError } from "../api/http";
import { decodeBundle } from "./data/decode";
import type { FromWorker, ToWorker } from "./data/messages";
import { bundle, bytes, described, type Piece } from "./data/testing";
import { Hub, type StreamListener, type StreamRequest, type WorkerLike } from "./hub";

const COUNTS = { bytes: 0, bundles: 0, frames: 0, faults: 0, strays: 0, merged: 0, opened: 1 };
const REQUEST: StreamRequest = { pipeline: "p1", output: "gen.out", kind: "strip", options: { window: 2 } };

/** The control socket: answers are given by hand. */
class Wire {
  readonly asked: { op: string; [key: string]: unknown }[] = [];
  answers: ((value: never) => void)[] = [];
  refusals: ((reason: Error) => void)[] = [];
  private readonly listeners = new Map<string, ((message: never) => void)[]>();
  readonly on = ((type: string, listener: (message: never) => void) => {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
    return () => undefined;
  }) as ControlSocket["on"];
  readonly request = ((operation: { op: string }) => {
    this.asked.push(operation);
    if (operation.op !== "subscribe") return Promise.resolve({});
    return new Promise((resolve, reject) => {
      this.answers.push(resolve);
      this.refusals.push(reject);
    });
  }) as ControlSocket["request"];
  tell(type: string, message: object): void {
    for (const listener of this.listeners.get(type) ?? []) listener(message as never);
  }
}

class FakeWorker implements WorkerLike {
  onmessage: ((event: { data: FromWorker }) => void) | null = null;
  readonly got: ToWorker[] = [];
  postMessage(message: ToWorker): void {
    this.got.push(message);
  }
  bring(number: number, ...pieces: Piece[]): void {
    const { frames } = decodeBundle(bundle(number, pieces));
    const data: FromWorker = {
      type: "bundle",
      bundle: number,
      socket: 1,
      sent: 0,
      received: 0,
      frames,
      counts: COUNTS,
    };
    this.onmessage?.({ data });
  }
}

const about = (stream: number, generation = 1) =>
  described(
    { kind: "strip", channels: [{ name: "x" }], rate: [1000, 1], samples_per_column: 10, columns: 100 },
    { stream, generation },
  );
const column = (stream: number, first: number, more: Partial<Piece> = {}): Piece => ({
  kind: "strip",
  stream,
  generation: 1,
  channels: 1,
  columns: 1,
  first,
  payload: bytes(new Float32Array([-first, first]), new Uint8Array(8)),
  ...more,
});
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

describe("Hub", () => {
  let wire: Wire;
  let worker: FakeWorker;
  let hub: Hub;
  const listener = () => ({ data: vi.fn(), changed: vi.fn() }) satisfies StreamListener;

  beforeEach(() => {
    wire = new Wire();
    worker = new FakeWorker();
    hub = new Hub(wire, () => worker, "s1");
  });

  it("asks once more for a view that was to suit, when it is known what flows", async () => {
    const { stream } = hub.open({ ...REQUEST, kind: "auto" }, listener());
    wire.answers[0]?.({ stream: 3 } as never);
    await settle();
    const error = { code: "cannot-show", message: "a strip shows values over time", hint: "" };
    wire.tell("stream", { stream: 3, error });
    await settle();
    expect(wire.asked.map(({ op }) => op)).toEqual(["subscribe", "unsubscribe", "subscribe"]);
    expect(stream.error).toBeNull();
    wire.answers[1]?.({ stream: 4 } as never);
    await settle();
    wire.tell("stream", { stream: 4, error });
    expect(stream.error).toEqual(error);
    expect(wire.asked).toHaveLength(3);
  });

  it("asks once for all who look at the same, and tells each of them once a frame", async () => {
    const [one, two] = [listener(), listener()];
    const { stream } = hub.open(REQUEST, one);
    hub.open({ ...REQUEST, options: { window: 2 } }, two);
    expect(wire.asked).toEqual([{ op: "subscribe", ...REQUEST }]);
    expect(worker.got[0]).toMatchObject({
      type: "connect",
      url: expect.stringMatching(/\/api\/data\?session=s1$/),
    });
    wire.answers[0]?.({ stream: 12 } as never);
    await settle();
    hub.drain();
    one.data.mockClear();
    two.data.mockClear();
    worker.bring(0, about(12), column(12, 0), column(12, 1));
    hub.drain();
    expect([one.data.mock.calls.length, two.data.mock.calls.length]).toEqual([1, 1]);
    expect(stream.model?.kind === "strip" && stream.model.ring.count).toBe(2);
    hub.drain();
    expect(one.data).toHaveBeenCalledTimes(1);
  });

  it("answers a bundle only when it was drawn, and only the newest", async () => {
    hub.open(REQUEST, listener());
    wire.answers[0]?.({ stream: 12 } as never);
    await settle();
    worker.bring(0, about(12));
    worker.bring(1, column(12, 0));
    expect(worker.got.filter((message) => message.type === "done")).toEqual([]);
    hub.drain();
    hub.finish();
    hub.finish();
    expect(worker.got.filter((message) => message.type === "done")).toEqual([
      { type: "done", socket: 1, bundle: 1 },
    ]);
  });

  it("keeps what comes before the answer, which takes another way", async () => {
    const { stream } = hub.open(REQUEST, listener());
    worker.bring(0, about(12), column(12, 5), about(99));
    hub.drain();
    expect(stream.model).toBeNull();
    wire.answers[0]?.({ stream: 12 } as never);
    await settle();
    expect(stream.model?.kind === "strip" && stream.model.ring.begin).toBe(5);
  });

  it("shares a model where the server says that two requests are one stream", async () => {
    const first = hub.open(REQUEST, listener()).stream;
    wire.answers[0]?.({ stream: 12 } as never);
    await settle();
    worker.bring(0, about(12), column(12, 0));
    hub.drain();
    const second = hub.open({ ...REQUEST, options: {} }, listener()).stream;
    wire.answers[1]?.({ stream: 12 } as never);
    await settle();
    expect(second.model).toBe(first.model);
    worker.bring(1, about(12, 2));
    hub.drain();
    expect(second.model).toBe(first.model);
    expect(first.model?.description.generation).not.toBe(undefined);
  });

  it("ends a stream a while after its last listener, not when it only moves", async () => {
    vi.useFakeTimers();
    try {
      const { close } = hub.open(REQUEST, listener());
      wire.answers[0]?.({ stream: 12 } as never);
      await vi.advanceTimersByTimeAsync(0);
      close();
      const again = hub.open(REQUEST, listener());
      await vi.advanceTimersByTimeAsync(1000);
      expect(wire.asked).toHaveLength(1);
      again.close();
      again.close();
      await vi.advanceTimersByTimeAsync(1000);
      expect(wire.asked.slice(1)).toEqual([{ op: "unsubscribe", stream: 12 }]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("asks again after a new hello, on the new session's socket", async () => {
    const seen = listener();
    const { stream } = hub.open(REQUEST, seen);
    wire.answers[0]?.({ stream: 12 } as never);
    await settle();
    wire.tell("hello", { session: "s2" });
    expect(stream.id).toBeNull();
    expect(worker.got.at(-1)).toMatchObject({ type: "connect", url: expect.stringContaining("session=s2") });
    wire.answers[1]?.({ stream: 3 } as never);
    await settle();
    worker.bring(0, about(3), column(3, 7));
    hub.drain();
    expect(stream.model?.kind === "strip" && stream.model.ring.begin).toBe(7);
  });

  it("says what cannot be shown, and tries again when the pipeline is another", async () => {
    const seen = listener();
    const { stream } = hub.open(REQUEST, seen);
    wire.refusals[0]?.(new ApiError(404, { code: "not-found", message: "no pipeline 'p1'" }));
    await settle();
    expect(stream.error?.message).toBe("no pipeline 'p1'");
    wire.tell("pipeline", { pipeline: { id: "other" } });
    expect(wire.asked).toHaveLength(1);
    wire.tell("pipeline", { pipeline: { id: "p1" } });
    expect(wire.asked).toHaveLength(2);
    wire.answers[1]?.({ stream: 4 } as never);
    await settle();
    expect(stream.error).toBeNull();
    wire.tell("stream", { stream: 4, error: { code: "state", message: "a scope shows samples over time" } });
    expect(stream.error?.message).toBe("a scope shows samples over time");
    worker.bring(0, about(4), column(4, 0));
    hub.drain();
    expect(stream.error).toBeNull();
  });

  it("asks for nothing before there is a session", () => {
    const early = new Hub(wire, () => worker, null);
    early.open(REQUEST, listener());
    expect([wire.asked.length, worker.got.length]).toEqual([0, 0]);
    wire.tell("hello", { session: "s9" });
    expect(wire.asked).toHaveLength(1);
  });
});
