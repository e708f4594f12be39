/** What the page and its data worker tell each other. */
import type { Frame } from "./frames";

export type ToWorker =
  /** Keep a socket open to this address; another address replaces it. */
  | { type: "connect"; url: string }
  | { type: "disconnect" }
  /** The bundle was drawn: the server may send the next. */
  | { type: "done"; socket: number; bundle: number };

/** Totals since the worker began. */
export interface LinkCounts {
  bytes: number;
  bundles: number;
  frames: number;
  /** Messages, or frames in them, that could not be read. */
  faults: number;
  /** Frames that belong to no description (an old generation, or none). */
  strays: number;
  /** Frames that were merged away by the server because this client was slow. */
  merged: number;
  /** Times the socket opened. */
  opened: number;
}

export type FromWorker =
  | {
      type: "bundle";
      bundle: number;
      /** Which socket brought it, counted from 1. */
      socket: number;
      sent: number;
      received: number;
      frames: Frame[];
      counts: LinkCounts;
    }
  /** The socket opened or broke; a fault alone comes as `state`, too, so that it is seen at once. */
  | { type: "state"; open: boolean; counts: LinkCounts; fault: string };
