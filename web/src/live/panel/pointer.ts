/**
 * Pointer and keys on a plot: cursors, a zoom by drag, by wheel or by keys.
 *
 * Drag: a cursor that is near, else a part of the x axis to look at closer. Wheel: closer, while the plot has the
 * focus or with Ctrl; on the numbers of the y axis, that axis. Double click: everything again.
 */
import type { Cursors, Which } from "../plot/cursors";
import { about, between } from "../plot/scale";
import type { PlotAxes, PlotView } from "../plot/view";

export interface Wishes {
  view(): PlotView | null;
  cursors: Cursors;
  /** A view of what moves shows another length of time: shorter (-1) or longer (1). True when it did. */
  stretch(direction: -1 | 1): boolean;
  /** A part of a moving picture is to be seen: it stands still first. */
  hold(): void;
  toggle(what: "cursors" | "freeze"): void;
  changed(): void;
}

export interface Selection {
  from: number;
  to: number;
}

export class PlotPointer {
  selection: Selection | null = null;
  hover: { x: number; left: number; top: number } | null = null;
  private drag: { which: Which } | { from: number } | null = null;
  private readonly host: HTMLElement;
  private readonly wishes: Wishes;
  private readonly end = new AbortController();

  constructor(host: HTMLElement, wishes: Wishes) {
    this.host = host;
    this.wishes = wishes;
    const { signal } = this.end;
    host.addEventListener("pointerdown", (event) => this.down(event), { signal });
    host.addEventListener("pointermove", (event) => this.moved(event), { signal });
    host.addEventListener("pointerup", (event) => this.up(event), { signal });
    host.addEventListener("pointercancel", () => this.cancel(), { signal });
    host.addEventListener("pointerleave", () => this.left(), { signal });
    host.addEventListener("dblclick", () => this.whole(), { signal });
    host.addEventListener("wheel", (event) => this.wheel(event), { signal, passive: false });
    host.addEventListener("keydown", (event) => this.key(event), { signal });
  }

  destroy(): void {
    this.end.abort();
  }

  private axes(): PlotAxes | null {
    return this.wishes.view()?.axes() ?? null;
  }

  private place(event: MouseEvent, axes: PlotAxes): { x: number; y: number; inside: boolean } {
    const box = this.host.getBoundingClientRect();
    const x = event.clientX - box.left - axes.area.left;
    const y = event.clientY - box.top - axes.area.top;
    return { x, y, inside: x >= 0 && x <= axes.area.width && y >= 0 && y <= axes.area.height };
  }

  private down(event: PointerEvent): void {
    const axes = this.axes();
    if (!axes || event.button !== 0) return;
    const { x, inside } = this.place(event, axes);
    const which = this.wishes.cursors.at(axes, x);
    if (!inside && !which) return;
    this.drag = which ? { which } : { from: x };
    this.host.setPointerCapture(event.pointerId);
  }

  private moved(event: PointerEvent): void {
    const axes = this.axes();
    const view = this.wishes.view();
    if (!axes || !view) return;
    const { x, inside } = this.place(event, axes);
    const kept = Math.min(axes.area.width, Math.max(0, x));
    const [value] = between(axes.x, kept, kept);
    if (this.drag && "which" in this.drag) this.wishes.cursors.move(view, this.drag.which, value);
    else if (this.drag)
      this.selection = Math.abs(kept - this.drag.from) > 4 ? { from: this.drag.from, to: kept } : null;
    const box = this.host.getBoundingClientRect();
    const mouse = event.pointerType === "mouse" && inside && !this.drag;
    this.hover = mouse ? { x: value, left: event.clientX - box.left, top: event.clientY - box.top } : null;
    this.host.style.cursor = this.wishes.cursors.at(axes, x) ? "ew-resize" : inside ? "crosshair" : "";
    this.wishes.changed();
  }

  private up(event: PointerEvent): void {
    const axes = this.axes();
    const { selection } = this;
    if (this.host.hasPointerCapture(event.pointerId)) this.host.releasePointerCapture(event.pointerId);
    this.cancel();
    if (!axes || !selection || Math.abs(selection.to - selection.from) < 8) return;
    this.zoomTo(axes, selection.from, selection.to);
  }

  private zoomTo(axes: PlotAxes, from: number, to: number): void {
    this.wishes.hold();
    // Held still, the axis counts otherwise: the same pixels of it.
    const now = this.axes() ?? axes;
    this.wishes.view()?.zoom(between(now.x, from, to));
    this.wishes.changed();
  }

  private cancel(): void {
    this.drag = null;
    this.selection = null;
    this.wishes.changed();
  }

  private left(): void {
    this.hover = null;
    this.wishes.changed();
  }

  private whole(): void {
    this.wishes.view()?.zoom(null);
    this.wishes.view()?.zoomY(null);
    this.wishes.changed();
  }

  private wheel(event: WheelEvent): void {
    const axes = this.axes();
    if (!axes || event.deltaY === 0) return;
    if (!event.ctrlKey && !this.host.contains(document.activeElement)) return;
    const { x, y, inside } = this.place(event, axes);
    const onNumbers = x < 0 && y >= 0 && y <= axes.area.height;
    if (!inside && !onNumbers) return;
    event.preventDefault();
    const factor = event.deltaY > 0 ? 1.25 : 0.8;
    if (onNumbers) this.zoomY(axes, y, factor);
    else this.zoomX(axes, x, factor);
  }

  private zoomX(axes: PlotAxes, x: number, factor: number): void {
    if (!this.wishes.stretch(factor > 1 ? 1 : -1)) this.wishes.view()?.zoom(about(axes.x, x, factor));
    this.wishes.changed();
  }

  private zoomY(axes: PlotAxes, y: number, factor: number): void {
    if (axes.y) this.wishes.view()?.zoomY(about(axes.y, y, factor));
    this.wishes.changed();
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== this.host) return;
    const axes = this.axes();
    const view = this.wishes.view();
    if (!axes || !view || !this.act(event, axes, view)) return;
    event.preventDefault();
    event.stopPropagation();
    this.wishes.changed();
  }

  private act(event: KeyboardEvent, axes: PlotAxes, view: PlotView): boolean {
    const { cursors } = this.wishes;
    const middle = axes.area.width / 2;
    switch (event.key) {
      case "c":
        this.wishes.toggle("cursors");
        return true;
      case "f":
        this.wishes.toggle("freeze");
        return true;
      case "+":
      case "=":
        this.zoomX(axes, middle, 0.8);
        return true;
      case "-":
        this.zoomX(axes, middle, 1.25);
        return true;
      case "0":
        this.whole();
        return true;
      case "a":
      case "b":
        if (!cursors.on) this.wishes.toggle("cursors");
        cursors.active = event.key;
        return true;
      case "p": {
        if (!cursors.on) return false;
        const from = cursors[cursors.active] ?? axes.x.min;
        cursors[cursors.active] = view.peakNear(from, axes.area.width);
        return true;
      }
      case "ArrowLeft":
      case "ArrowRight": {
        if (!cursors.on) return false;
        const count = (event.key === "ArrowLeft" ? -1 : 1) * (event.shiftKey ? 10 : 1);
        const to = view.step(cursors[cursors.active] ?? axes.x.min, count);
        cursors[cursors.active] = Math.min(axes.x.max, Math.max(axes.x.min, to));
        return true;
      }
      default:
        return false;
    }
  }
}
