/**
 * The control socket: JSON, ordered, nothing lost while it is open; it opens itself again when it breaks.
 *
 * `control.on("metrics", ...)` for what the server tells, `control.request({op: "subscribe", ...})` for an answer.
 * Every `hello` begins a new session: what was subscribed is gone and is to be subscribed again (`control.on("hello", ...)`).
 */
import { useConnection } from "./connection";
import { ApiError } from "./http";
import type { ControlEvents, ErrorBody, JsonObject } from "./types";

type Listener<K extends keyof ControlEvents> = (message: ControlEvents[K]) => void;
interface Waiting {
  resolve: (answer: JsonObject) => void;
  reject: (error: ApiError) => void;
}

/** Seconds between attempts: quick at first, so that a server that restarts is found within two seconds. */
const PAUSES = [0.1, 0.3, 0.6, 1, 1, 2];
/** An attempt that hangs is given up. */
const OPENING = 4000;

function socketAddress(): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/control`;
}

export class ControlSocket {
  private socket: WebSocket | null = null;
  private wanted = false;
  private attempt = 0;
  private next = 1;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private readonly listeners = new Map<string, Set<(message: never) => void>>();

  open(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.attempt = 0;
    useConnection.setState({ status: "connecting" });
    this.connect();
  }

  close(): void {
    this.wanted = false;
    clearTimeout(this.timer);
    this.socket?.close();
    this.socket = null;
    this.drop("The connection was closed");
    useConnection.setState({ status: "closed", session: null });
  }

  /** Listen to one kind of message; returns what ends it. A `hello` that has been is not repeated. */
  on<K extends keyof ControlEvents>(type: K, listener: Listener<K>): () => void {
    const set = this.listeners.get(type) ?? new Set();
    this.listeners.set(type, set);
    set.add(listener as (message: never) => void);
    return () => set.delete(listener as (message: never) => void);
  }

  /** Send an operation and wait for its answer; rejects with ApiError. */
  request<T = JsonObject>(operation: { op: string; [key: string]: unknown }): Promise<T> {
    const socket = this.socket;
    if (socket?.readyState !== WebSocket.OPEN)
      return Promise.reject(new ApiError(0, { code: "network", message: "Not connected to the server" }));
    const id = this.next++;
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (answer: JsonObject) => void, reject });
      socket.send(JSON.stringify({ ...operation, id }));
    });
  }

  private connect(): void {
    const socket = new WebSocket(socketAddress());
    this.socket = socket;
    const giveUp = setTimeout(() => socket.close(), OPENING);
    socket.onmessage = (event) => {
      clearTimeout(giveUp);
      if (this.socket === socket && typeof event.data === "string") this.receive(JSON.parse(event.data));
    };
    socket.onclose = () => {
      clearTimeout(giveUp);
      if (this.socket === socket) this.lost();
    };
  }

  private lost(): void {
    this.socket = null;
    this.drop("The connection to the server was lost");
    if (!this.wanted) return;
    if (useConnection.getState().status === "open" || this.attempt > 0)
      useConnection.setState({ status: "lost", session: null });
    const pause = PAUSES[Math.min(this.attempt, PAUSES.length - 1)] ?? 2;
    this.attempt += 1;
    void this.probe();
    this.timer = setTimeout(() => this.connect(), pause * 1000);
  }

  /** A refused handshake looks like a lost line to a script; an HTTP request says which it is. */
  private async probe(): Promise<void> {
    try {
      const answer = await fetch("/api/hello");
      if (answer.status === 401 || answer.status === 403) useConnection.setState({ status: "refused" });
    } catch {
      // No server: "lost" stands.
    }
  }

  private drop(message: string): void {
    for (const one of this.waiting.values()) one.reject(new ApiError(0, { code: "network", message }));
    this.waiting.clear();
  }

  private receive(message: JsonObject & { type?: string; re?: number }): void {
    if (typeof message.re === "number") {
      const waiting = this.waiting.get(message.re);
      this.waiting.delete(message.re);
      if (message.type === "error") waiting?.reject(new ApiError(400, message.error as unknown as ErrorBody));
      else waiting?.resolve(message);
      return;
    }
    if (message.type === "hello") {
      this.attempt = 0;
      const hello = message as unknown as ControlEvents["hello"];
      useConnection.setState({ status: "open", session: hello.session, role: hello.role });
    }
    for (const listener of this.listeners.get(message.type ?? "") ?? [])
      (listener as (m: unknown) => void)(message);
  }
}

export const control = new ControlSocket();
