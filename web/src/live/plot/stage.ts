/**
 * The ground that a view draws on: canvases in device pixels, one above the other, and the plot's area within.
 *
 * `base` has the axes and stands still; `plot` covers the area and has the data; `overlay` has cursors and is
 * shown only while there are some. A change of size or of the screen's resolution is seen here and only noted:
 * drawing is the loop's.
 */
export interface Area {
  left: number;
  top: number;
  width: number;
  height: number;
}

export type Margins = [top: number, right: number, bottom: number, left: number];

export class Stage {
  readonly root: HTMLDivElement;
  readonly base: HTMLCanvasElement;
  readonly plot: HTMLCanvasElement;
  readonly overlay: HTMLCanvasElement;
  /** Of the whole stage, in CSS pixels. */
  width = 0;
  height = 0;
  /** Device pixels in a CSS pixel. */
  ratio = 1;
  area: Area = { left: 0, top: 0, width: 0, height: 0 };
  private stale = true;
  private readonly observer: ResizeObserver;

  constructor(host: HTMLElement, changed: () => void) {
    this.root = document.createElement("div");
    this.root.className = "live-stage";
    this.base = this.canvas("live-base");
    this.plot = this.canvas("live-plot");
    this.overlay = this.canvas("live-overlay");
    this.overlay.hidden = true;
    host.append(this.root);
    this.observer = new ResizeObserver(() => {
      this.stale = true;
      changed();
    });
    this.observer.observe(this.root);
  }

  private canvas(name: string): HTMLCanvasElement {
    const canvas = document.createElement("canvas");
    canvas.className = name;
    canvas.setAttribute("aria-hidden", "true");
    this.root.append(canvas);
    return canvas;
  }

  destroy(): void {
    this.observer.disconnect();
    this.root.remove();
    // A canvas keeps its pixels until it is collected; without a size it has none.
    for (const canvas of [this.base, this.plot, this.overlay]) canvas.width = canvas.height = 0;
  }

  /** Take over a new size or resolution; returns true when there is one. */
  refresh(): boolean {
    const ratio = Math.max(1, devicePixelRatio || 1);
    if (!this.stale && ratio === this.ratio) return false;
    const { clientWidth, clientHeight } = this.root;
    this.stale = false;
    if (clientWidth === this.width && clientHeight === this.height && ratio === this.ratio) return false;
    this.width = clientWidth;
    this.height = clientHeight;
    this.ratio = ratio;
    for (const canvas of [this.base, this.overlay]) {
      canvas.width = Math.round(clientWidth * ratio);
      canvas.height = Math.round(clientHeight * ratio);
    }
    return true;
  }

  /** Place the area within margins, on whole device pixels. Returns true when its size is another. */
  place([top, right, bottom, left]: Margins): boolean {
    const { ratio } = this;
    const snap = (value: number) => Math.round(value * ratio) / ratio;
    const area = {
      left: snap(left),
      top: snap(top),
      width: Math.max(1 / ratio, snap(this.width - left - right)),
      height: Math.max(1 / ratio, snap(this.height - top - bottom)),
    };
    this.area = area;
    const { style } = this.plot;
    style.left = `${area.left}px`;
    style.top = `${area.top}px`;
    style.width = `${area.width}px`;
    style.height = `${area.height}px`;
    const width = Math.max(1, Math.round(area.width * ratio));
    const height = Math.max(1, Math.round(area.height * ratio));
    if (this.plot.width === width && this.plot.height === height) return false;
    this.plot.width = width;
    this.plot.height = height;
    return true;
  }

  /** A context of a canvas in CSS pixels; `opaque` where nothing shines through. */
  context(canvas: HTMLCanvasElement, opaque = false): CanvasRenderingContext2D {
    const context = canvas.getContext("2d", { alpha: !opaque });
    if (!context) throw new Error("this browser has no 2d canvas");
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    return context;
  }
}
