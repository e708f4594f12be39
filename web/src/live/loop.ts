/**
 * One requestAnimationFrame loop for all panels.
 *
 * Each frame: take what the worker brought, draw the panels that have something new, then answer the worker, which
 * lets the server send more. A hidden tab has no frames, so nothing is answered and nothing piles up.
 */
import { perf } from "./diagnostics/perf";

export interface Panel {
  dirty: boolean;
  /** Off the screen: not drawn, but kept up to date. */
  hidden: boolean;
  draw(now: number): void;
}

export interface Feed {
  /** Give waiting frames to their models. */
  drain(): void;
  /** They are drawn. */
  finish(): void;
}

class Loop {
  private readonly panels = new Set<Panel>();
  private readonly feeds = new Set<Feed>();
  private request = 0;
  private keep = 0;

  attach(feed: Feed): void {
    this.feeds.add(feed);
  }

  add(panel: Panel): () => void {
    this.panels.add(panel);
    this.wake();
    return () => this.panels.delete(panel);
  }

  /** Keep going though there is no panel, for the overlay. */
  hold(): () => void {
    this.keep += 1;
    this.wake();
    return () => {
      this.keep -= 1;
    };
  }

  /** Something came while the loop may stand still. */
  wake(): void {
    if (this.request === 0) this.request = requestAnimationFrame(this.turn);
  }

  private readonly turn = (now: number): void => {
    const began = performance.now();
    this.request = 0;
    for (const feed of this.feeds) feed.drain();
    for (const panel of this.panels) {
      if (!panel.dirty || panel.hidden) continue;
      panel.dirty = false;
      panel.draw(now);
    }
    for (const feed of this.feeds) feed.finish();
    perf.drew(now, performance.now() - began);
    if (this.panels.size > 0 || this.keep > 0) this.wake();
    else perf.paused();
  };
}

export const loop = new Loop();

if (typeof document !== "undefined") document.addEventListener("visibilitychange", () => perf.paused());
