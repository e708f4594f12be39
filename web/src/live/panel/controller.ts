/**
 * What stands behind a panel: its stream, its view, its cursors. React tells it what to show and hears what it
 * became; samples go past React.
 */
import { themeColor } from "../../theme/colors";
import { perf } from "../diagnostics/perf";
import { hub, type Stream } from "../hub";
import { loop, type Panel } from "../loop";
import type { StreamModel } from "../models/models";
import { seriesColour } from "../plot/colours";
import { Cursors } from "../plot/cursors";
import { toPixel, toValue } from "../plot/scale";
import { clock } from "../plot/units";
import type { PlotView, View } from "../plot/view";
import { createView, type LimitCurve, type Showing } from "../views/create";
import { kindsFor, type PanelKind, shownAs } from "./kinds";
import { nextWindow, type PanelOptions, subscription, windowOf } from "./options";
import { PlotPointer } from "./pointer";
import { Readout } from "./readout";
import { drawSelection, HoverTip } from "./tip";

export interface PanelChannel {
  name: string;
  unit: string;
  colour: string;
}

export interface PanelState {
  phase: "waiting" | "live" | "ended" | "error";
  kind: PanelKind | null;
  kinds: readonly PanelKind[];
  channels: readonly PanelChannel[];
  message: string;
  frozen: boolean;
  cursors: boolean;
  clipped: boolean;
}

export const WAITING: PanelState = {
  phase: "waiting",
  kind: null,
  kinds: [],
  channels: [],
  message: "",
  frozen: false,
  cursors: false,
  clipped: false,
};

export interface PanelTarget {
  pipeline: string;
  edge: string;
  kind: PanelKind | "auto";
  options: PanelOptions;
  judges: boolean;
  limits: readonly LimitCurve[];
}

export interface PanelEvents {
  state(state: PanelState): void;
  /** An option was changed by hand on the plot itself. */
  options(change: Partial<PanelOptions>): void;
  summary(text: string): void;
  clock(text: string): void;
}

let count = 0;

export class PanelController implements Panel {
  dirty = true;
  hidden = false;
  state: PanelState = WAITING;
  readonly cursors = new Cursors();
  private readonly id = `panel-${++count}`;
  private readonly host: HTMLElement;
  private readonly events: PanelEvents;
  private readonly readout = new Readout();
  private readonly tip: HoverTip;
  private readonly pointer: PlotPointer;
  private readonly leave: () => void;
  private target: PanelTarget | null = null;
  private open: { stream: Stream; close: () => void; key: string; target: string } | null = null;
  /** Decibels that the middle of a waterfall's levels was moved by. */
  private level = 0;
  private raised: StreamModel | null = null;
  private showing: Showing | null = null;
  private shownModel: StreamModel | null = null;
  private shownKind: PanelKind | null = null;
  private told = 0;
  private ticked = 0;
  private read = 0;
  private firstDrawn = 0;

  constructor(host: HTMLElement, events: PanelEvents) {
    this.host = host;
    this.events = events;
    this.tip = new HoverTip(host);
    this.readout.root.hidden = true;
    host.after(this.readout.root);
    this.pointer = new PlotPointer(host, {
      view: () => this.plot,
      cursors: this.cursors,
      stretch: (direction) => this.stretch(direction),
      hold: () => {
        if (this.moves) this.freeze(true);
      },
      toggle: (what) =>
        what === "cursors" ? this.showCursors(!this.cursors.on) : this.freeze(!this.state.frozen),
      changed: () => {
        this.dirty = true;
      },
    });
    this.leave = loop.add(this);
    perf.probes.set(this.id, () => this.probe());
  }

  destroy(): void {
    perf.probes.delete(this.id);
    this.leave();
    this.pointer.destroy();
    this.open?.close();
    this.showing?.view.destroy();
    this.readout.root.remove();
    this.tip.destroy();
  }

  /** Show this. Called again whenever something of it is another. */
  show(target: PanelTarget): void {
    const before = this.target;
    this.target = target;
    if (before?.edge !== target.edge || before.pipeline !== target.pipeline) this.level = 0;
    this.subscribe();
    if (before && before.kind !== target.kind) this.update({ frozen: false });
    this.arrange();
  }

  /** Off the screen or on it again: what nobody sees is not sent. */
  appear(visible: boolean): void {
    this.hidden = !visible;
    if (visible) this.subscribe();
    else {
      this.open?.close();
      this.open = null;
    }
    this.dirty = true;
  }

  invalidate(): void {
    this.showing?.view.invalidate();
    this.dirty = true;
  }

  get view(): View | null {
    return this.showing?.view ?? null;
  }

  private get plot(): PlotView | null {
    const view = this.view;
    return view && "axes" in view ? (view as PlotView) : null;
  }

  /** Whether new samples move the picture along: a part of it can be looked at only when it stands still. */
  private get moves(): boolean {
    return this.shownKind === "strip" || this.shownKind === "trend" || this.shownKind === "waterfall";
  }

  private subscribe(): void {
    const { target } = this;
    if (!target || this.hidden) return;
    const asked = this.wanted(target);
    const key = JSON.stringify([target.pipeline, target.edge, asked]);
    if (this.open?.key === key) return;
    this.open?.close();
    this.open = null;
    if (!asked) {
      this.update({ phase: "live", kind: "verdict", message: "" });
      return;
    }
    const { stream, close } = hub().open(
      { pipeline: target.pipeline, output: target.edge, ...asked },
      {
        data: () => {
          this.dirty = true;
        },
        changed: () => this.arrange(),
      },
    );
    this.open = { stream, close, key, target: `${target.pipeline} ${target.edge}` };
    this.arrange();
  }

  /** What to ask the server for; null for what comes on the control socket alone. */
  private wanted(target: PanelTarget): ReturnType<typeof subscription> {
    const pixels = (this.host.clientWidth - 60) * Math.max(1, devicePixelRatio);
    const ask = (kind: PanelKind | "auto") => subscription(kind, target.options, pixels, this.level);
    const { open, shownKind } = this;
    if (target.kind !== "auto" || !shownKind || open?.target !== `${target.pipeline} ${target.edge}`)
      return ask(target.kind);
    // What `auto` became is known now: it is asked for by name where the options are not those that came by themselves.
    const named = ask(shownKind);
    const given = open.stream.options;
    const same = Object.entries(named?.options ?? {}).every(
      ([key, value]) => JSON.stringify(given?.[key]) === JSON.stringify(value),
    );
    return same && open.stream.request.kind === "auto" ? ask("auto") : named;
  }

  /** Make the view that goes with the stream as it is now. */
  private arrange(): void {
    const { target, open } = this;
    if (!target) return;
    const model = open?.stream.model ?? null;
    if (open?.stream.error) this.update({ phase: "error", message: open.stream.error.message });
    else if (!model) this.update({ phase: open ? "waiting" : this.state.phase, message: "" });
    if (!model) return;
    const { axis, rate } = model.description;
    const kinds = kindsFor(axis, rate, target.judges);
    const kind = target.kind === "auto" ? shownAs(model.kind, axis) : target.kind;
    const around = { options: target.options, limits: target.limits };
    const same = this.showing && this.shownKind === kind && !this.state.frozen;
    if (!(same && this.showing?.set(model, around))) {
      if (!this.state.frozen || this.shownKind !== kind) {
        this.showing?.view.destroy();
        this.showing = createView(kind, this.host, model, around, () => {
          this.dirty = true;
        });
        this.firstDrawn = 0;
      } else if (this.shownModel === model) this.showing?.set(model, around);
    }
    const settled = this.shownKind === kind;
    this.shownModel = model;
    this.shownKind = kind;
    this.dirty = true;
    if (!settled && target.kind === "auto") this.subscribe();
    this.update({
      phase: open?.stream.error ? "error" : model.ended ? "ended" : "live",
      kind,
      kinds,
      message: open?.stream.error?.message ?? "",
      channels: model.description.channels.map(({ name, unit }, index) => ({
        name,
        unit,
        colour: seriesColour(index),
      })),
    });
  }

  private update(change: Partial<PanelState>): void {
    const next = { ...this.state, ...change };
    if (JSON.stringify(next) === JSON.stringify(this.state)) return;
    this.state = next;
    this.events.state(next);
  }

  draw(now: number): void {
    const { view, plot } = this;
    if (!view) return;
    view.draw(now);
    if (plot) this.drawOver(plot, now);
    const model = this.shownModel;
    if ("saturated" in view && view.saturated === true && this.level < 240) this.raise();
    if (model && this.firstDrawn === 0 && !Number.isNaN(model.time)) this.firstDrawn = performance.now();
    if (now - this.ticked >= 200) {
      this.ticked = now;
      const clipped = model !== null && "clipped" in model && model.clipped === true;
      this.update({
        clipped,
        ...(model ? { phase: this.state.phase === "error" ? "error" : model.ended ? "ended" : "live" } : {}),
      });
      if (!this.state.frozen) this.events.clock(model && !Number.isNaN(model.time) ? clock(model.time) : "");
    }
    if (now - this.told >= 1000) {
      this.told = now;
      this.events.summary(view.summary());
    }
  }

  private drawOver(plot: PlotView, now: number): void {
    const axes = plot.axes();
    const { overlay, ratio, width, height } = plot.stage;
    const { selection } = this.pointer;
    const wanted = this.cursors.on || selection !== null;
    if (overlay.hidden === wanted) overlay.hidden = !wanted;
    if (wanted && axes) {
      const context = plot.stage.context(overlay);
      context.clearRect(0, 0, width, height);
      this.cursors.draw(context, axes, ratio);
      if (selection) drawSelection(context, axes, selection.from, selection.to, themeColor("--accent"));
    }
    this.tip.show(plot, this.pointer.hover);
    if (this.cursors.on && now - this.read >= 100) {
      this.read = now;
      this.readout.show(plot, this.cursors.a, this.cursors.b);
    }
  }

  /** The largest levels of a waterfall are beyond what was asked for: ask for higher ones. */
  private raise(): void {
    if (this.target?.options.ceiling !== null || this.state.frozen) return;
    // Once for each stream: what comes next is another.
    if (this.raised === this.shownModel) return;
    this.raised = this.shownModel;
    this.level += 60;
    this.subscribe();
  }

  showCursors(on: boolean): void {
    const axes = this.plot?.axes();
    if (on && axes) this.cursors.show(axes);
    else this.cursors.on = false;
    this.readout.root.hidden = !this.cursors.on;
    this.read = 0;
    this.dirty = true;
    this.update({ cursors: this.cursors.on });
  }

  snap(on: boolean): void {
    this.cursors.snap = on;
  }

  freeze(on: boolean): void {
    const { plot, view } = this;
    const before = plot?.axes();
    view?.freeze(on);
    const after = plot?.axes();
    // The axis counts otherwise when it stands still: cursors stay where they are on the screen.
    if (before && after) {
      for (const which of ["a", "b"] as const) {
        const x = this.cursors[which];
        if (x !== null) this.cursors[which] = toValue(after.x, toPixel(before.x, x));
      }
    }
    this.dirty = true;
    this.update({ frozen: on });
    if (!on) this.arrange();
  }

  /** Another length of time, asked of the server: it has finer columns. False where the zoom is the view's own. */
  private stretch(direction: -1 | 1): boolean {
    const { target, shownKind } = this;
    if (
      !target ||
      !shownKind ||
      this.state.frozen ||
      !["strip", "scope", "trend", "waterfall"].includes(shownKind)
    )
      return false;
    this.events.options({ window: nextWindow(windowOf(shownKind, target.options), direction, shownKind) });
    return true;
  }

  async reset(): Promise<void> {
    if (this.open) await hub().clear(this.open.stream);
  }

  private probe(): Record<string, unknown> {
    const { target, state, open, view } = this;
    return {
      pipeline: target?.pipeline,
      edge: target?.edge,
      kind: state.kind,
      phase: state.phase,
      frozen: state.frozen,
      generation: open?.stream.model?.description.generation,
      first_drawn: this.firstDrawn,
      ...view?.probe(),
    };
  }
}
