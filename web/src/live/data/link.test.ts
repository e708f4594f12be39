import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataLink, type SocketLike } from "./link";
import type { FromWorker } from "./messages";
import { bundle, bytes, described, type Piece } from "./testing";

class Socket implements SocketLike {
  binaryType = "";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly sent: number[] = [];
  closed = false;
  readonly url: string;
  constructor(url: string) {
    this.url = url;
  }
  send(data: ArrayBuffer): void {
    if (this.onopen === null) throw new Error("not open");
    this.sent.push(new DataView(data).getUint32(0, true));
  }
  close(): void {
    this.closed = true;
  }
}

function setUp() {
  const sockets: Socket[] = [];
  const posted: { message: FromWorker; transfer: ArrayBuffer[] }[] = [];
  const timers: { seconds: number; action: () => void; cancelled: boolean }[] = [];
  const link = new DataLink({
    open: (url) => {
      const socket = new Socket(url);
      sockets.push(socket);
      return socket;
    },
    post: (message, transfer) => posted.push({ message, transfer }),
    now: () => 100,
    after: (seconds, action) => {
      const timer = { seconds, action, cancelled: false };
      timers.push(timer);
      return () => {
        timer.cancelled = true;
      };
    },
  });
  const last = () => posted.at(-1)?.message;
  return { link, sockets, posted, timers, last };
}

const about = {
  stream: 1,
  generation: 1,
  kind: "strip",
  channels: [{ name: "x" }],
  columns: 600,
  samples_per_column: 1,
};
const description = described(about, { stream: 1, generation: 1 });
const columns = (first: number, sequence: number, more: Partial<Piece> = {}): Piece => ({
  kind: "strip",
  channels: 1,
  stream: 1,
  generation: 1,
  first,
  sequence,
  columns: 1,
  payload: bytes(new Float32Array([-1, 1]), new Uint8Array(8)),
  ...more,
});

describe("DataLink", () => {
  it("hands bundles on with their buffer and answers them when they are drawn", () => {
    const { link, sockets, posted, last } = setUp();
    link.take({ type: "connect", url: "ws://a/1" });
    const [socket] = sockets as [Socket];
    link.take({ type: "done", socket: 1, bundle: 3 }); // not open yet: nothing is sent
    socket.onopen?.();
    expect(last()).toMatchObject({ type: "state", open: true });
    const data = bundle(0, [description, columns(0, 0)]);
    socket.onmessage?.({ data });
    expect(last()).toMatchObject({ type: "bundle", bundle: 0, socket: 1, received: 100 });
    expect(posted.at(-1)?.transfer).toEqual([data]);
    link.take({ type: "done", socket: 1, bundle: 0 });
    expect(socket.sent).toEqual([0]);
  });

  it("counts strays of an older generation, wrong kinds, and what was merged away", () => {
    const { link, sockets, last } = setUp();
    link.take({ type: "connect", url: "ws://a/1" });
    const [socket] = sockets as [Socket];
    socket.onopen?.();
    socket.onmessage?.({ data: bundle(0, [columns(0, 0), description, columns(0, 5), columns(1, 6)]) });
    socket.onmessage?.({ data: bundle(1, [columns(9, 10), columns(0, 11, { generation: 2 })]) });
    socket.onmessage?.({ data: bundle(2, [columns(9, 11, { kind: "scope" })]) });
    expect(last()).toMatchObject({
      bundle: 2,
      frames: [],
      counts: { frames: 4, strays: 3, merged: 3, faults: 0, bundles: 3 },
    });
  });

  it("refuses frames that do not fit their description, as faults", () => {
    const { link, sockets, last } = setUp();
    link.take({ type: "connect", url: "ws://a/1" });
    const [socket] = sockets as [Socket];
    socket.onopen?.();
    const two = columns(0, 0, { channels: 2, payload: bytes(new Float32Array(4), new Uint8Array(8)) });
    socket.onmessage?.({ data: bundle(0, [description, two]) });
    expect(last()).toMatchObject({ type: "bundle", counts: { faults: 1, frames: 1 } });
    socket.onmessage?.({ data: "text" });
    expect(last()).toMatchObject({
      type: "state",
      counts: { faults: 2 },
      fault: "a message that is not binary",
    });
    socket.onmessage?.({ data: new ArrayBuffer(30) });
    expect(last()).toMatchObject({ type: "state", counts: { faults: 3 }, fault: "not a bundle" });
  });

  it("opens again after longer and longer pauses, with nothing known, and forgets old answers", () => {
    const { link, sockets, timers, last } = setUp();
    link.take({ type: "connect", url: "ws://a/1" });
    sockets[0]?.onopen?.();
    sockets[0]?.onmessage?.({ data: bundle(7, [description]) });
    sockets[0]?.onclose?.();
    expect(last()).toMatchObject({ type: "state", open: false });
    for (let attempt = 0; attempt < 6; attempt++) {
      timers.at(-1)?.action();
      sockets.at(-1)?.onclose?.();
    }
    expect(timers.map((timer) => timer.seconds)).toEqual([0.05, 0.2, 0.5, 1, 2, 2, 2]);
    timers.at(-1)?.action();
    const socket = sockets.at(-1) as Socket;
    socket.onopen?.();
    link.take({ type: "done", socket: 1, bundle: 7 }); // of the socket before
    expect(socket.sent).toEqual([]);
    socket.onmessage?.({ data: bundle(0, [columns(0, 0)]) });
    expect(last()).toMatchObject({ frames: [], counts: { strays: 1, opened: 2 } });
    link.take({ type: "done", socket: 2, bundle: 0 });
    expect(socket.sent).toEqual([0]);
  });

  it("goes to another address, and stays closed when it is told to", () => {
    const { link, sockets, timers, posted } = setUp();
    link.take({ type: "connect", url: "ws://a/1" });
    link.take({ type: "connect", url: "ws://a/1" });
    expect(sockets).toHaveLength(1);
    link.take({ type: "connect", url: "ws://a/2" });
    expect(sockets.map((socket) => [socket.url, socket.closed])).toEqual([
      ["ws://a/1", true],
      ["ws://a/2", false],
    ]);
    sockets[0]?.onmessage?.({ data: bundle(0, [description]) });
    sockets[0]?.onclose?.();
    expect(posted).toEqual([]);
    sockets[1]?.onclose?.();
    link.take({ type: "disconnect" });
    expect(timers.at(-1)?.cancelled).toBe(true);
  });

  it("survives any message: what cannot be read is counted, and the next good one is drawn", () => {
    const message = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((noise) => noise.slice().buffer),
      fc.string(),
      fc.constant(null),
    );
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 5 }), (messages) => {
        const { link, sockets, last } = setUp();
        link.take({ type: "connect", url: "ws://a/1" });
        const [socket] = sockets as [Socket];
        socket.onopen?.();
        for (const data of messages) socket.onmessage?.({ data });
        expect(last()?.counts.faults).toBe(messages.length);
        socket.onmessage?.({ data: bundle(0, [description, columns(0, 0)]) });
        expect(last()).toMatchObject({ type: "bundle", counts: { frames: 2, faults: messages.length } });
      }),
    );
  });
});
