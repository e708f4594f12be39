/**
 * How well the page keeps up. `window.__streamlab_perf` has the same numbers that the overlay (Shift-D) shows.
 *
 * `reset()` begins a measurement, `snapshot()` reads it; times in milliseconds.
 */
import type { LinkCounts } from "../data/messages";
import { Histogram } from "./histogram";

export interface PerfSnapshot {
  /** Seconds since the measurement began. */
  seconds: number;
  frames: number;
  fps: number;
  frame_ms: { p50: number; p95: number; p99: number; max: number };
  /** Script time of a frame of the loop. */
  work_ms: { p50: number; p95: number; max: number };
  /** From the newest sample's leaving its node to the end of the drawing. */
  lag_ms: { p50: number; p95: number; max: number };
  /** From the server's sending to the worker's receiving. */
  line_ms: { p50: number; p95: number };
  bytes_per_second: number;
  bundles: number;
  /** Bundles that waited for a frame, most at once. */
  queue: number;
  gaps: number;
  merged: number;
  faults: number;
  strays: number;
  /** Opened data sockets since the page was loaded. */
  opened: number;
  heap: number | null;
  panels: Record<string, Record<string, unknown>>;
}

const NOTHING: LinkCounts = { bytes: 0, bundles: 0, frames: 0, faults: 0, strays: 0, merged: 0, opened: 0 };

export class Perf {
  readonly probes = new Map<string, () => Record<string, unknown>>();
  private readonly frame = new Histogram(0.1, 5000);
  private readonly work = new Histogram(0.05, 4000);
  private readonly lag = new Histogram(0.25, 8000);
  private readonly line = new Histogram(0.05, 8000);
  private began = performance.now();
  private last = Number.NaN;
  private counts: LinkCounts = NOTHING;
  private base: LinkCounts = NOTHING;
  private waiting = 0;
  private lost = 0;

  reset(): void {
    for (const one of [this.frame, this.work, this.lag, this.line]) one.clear();
    this.began = performance.now();
    this.last = Number.NaN;
    this.base = this.counts;
    this.waiting = 0;
    this.lost = 0;
  }

  /** The loop calls this at the end of each frame; `now` is the frame's own time. */
  drew(now: number, spent: number): void {
    if (!Number.isNaN(this.last)) this.frame.add(now - this.last);
    this.last = now;
    this.work.add(spent);
  }

  /** The loop stood still on purpose (nothing to draw, or the tab is hidden): no frame is late. */
  paused(): void {
    this.last = Number.NaN;
  }

  /** A frame's newest sample is on the canvas now. */
  seen(emitted: number): void {
    if (emitted > 0) this.lag.add(performance.timeOrigin + performance.now() - emitted * 1000);
  }

  received(sent: number, at: number, waiting: number, counts: LinkCounts): void {
    this.line.add(Math.max(0, (at - sent) * 1000));
    this.waiting = Math.max(this.waiting, waiting);
    this.counts = counts;
  }

  counted(counts: LinkCounts): void {
    this.counts = counts;
  }

  gap(): void {
    this.lost += 1;
  }

  snapshot(): PerfSnapshot {
    const seconds = (performance.now() - this.began) / 1000;
    const { counts, base, frame, work, lag, line } = this;
    const memory = (performance as { memory?: { usedJSHeapSize: number } }).memory;
    return {
      seconds,
      frames: frame.count,
      fps: 1000 / frame.mean,
      frame_ms: {
        p50: frame.percentile(0.5),
        p95: frame.percentile(0.95),
        p99: frame.percentile(0.99),
        max: frame.max,
      },
      work_ms: { p50: work.percentile(0.5), p95: work.percentile(0.95), max: work.max },
      lag_ms: { p50: lag.percentile(0.5), p95: lag.percentile(0.95), max: lag.max },
      line_ms: { p50: line.percentile(0.5), p95: line.percentile(0.95) },
      bytes_per_second: (counts.bytes - base.bytes) / seconds,
      bundles: counts.bundles - base.bundles,
      queue: this.waiting,
      gaps: this.lost,
      merged: counts.merged - base.merged,
      faults: counts.faults - base.faults,
      strays: counts.strays - base.strays,
      opened: counts.opened,
      heap: memory?.usedJSHeapSize ?? null,
      panels: Object.fromEntries([...this.probes].map(([id, probe]) => [id, probe()])),
    };
  }
}

export const perf = new Perf();

declare global {
  interface Window {
    __streamlab_perf?: { reset(): void; snapshot(): PerfSnapshot };
  }
}

if (typeof window !== "undefined")
  window.__streamlab_perf = { reset: () => perf.reset(), snapshot: () => perf.snapshot() };
