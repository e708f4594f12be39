/** The tip at the pointer, and the part of an axis that is being chosen. */
import type { PlotAxes, PlotView } from "../plot/view";

const LINES = 8;

export class HoverTip {
  private readonly root = document.createElement("div");
  private text = "";

  constructor(host: HTMLElement) {
    this.root.className = "live-tip";
    this.root.hidden = true;
    this.root.setAttribute("aria-hidden", "true");
    host.append(this.root);
  }

  destroy(): void {
    this.root.remove();
  }

  show(view: PlotView, hover: { x: number; left: number; top: number } | null): void {
    const reading = hover && view.read(hover.x);
    if (!hover || !reading) {
      this.root.hidden = true;
      return;
    }
    const more = reading.values.length > LINES ? [`… ${reading.values.length - LINES} more`] : [];
    const lines = reading.values.slice(0, LINES).map((value) => `${value.name}  ${value.text}`);
    const text = [view.writeX(reading.x), ...lines, ...more].join("\n");
    if (text !== this.text) {
      this.text = text;
      this.root.textContent = text;
    }
    this.root.hidden = false;
    const { width, height } = view.stage;
    const left = hover.left > width - 190 ? hover.left - this.root.offsetWidth - 14 : hover.left + 14;
    const top = Math.min(hover.top + 14, height - this.root.offsetHeight - 4);
    this.root.style.transform = `translate(${Math.round(Math.max(2, left))}px, ${Math.round(Math.max(2, top))}px)`;
  }
}

export function drawSelection(
  context: CanvasRenderingContext2D,
  { area }: PlotAxes,
  from: number,
  to: number,
  colour: string,
): void {
  const left = area.left + Math.min(from, to);
  const width = Math.abs(to - from);
  context.fillStyle = colour;
  context.globalAlpha = 0.14;
  context.fillRect(left, area.top, width, area.height);
  context.globalAlpha = 0.8;
  context.fillRect(left, area.top, 1, area.height);
  context.fillRect(left + width, area.top, 1, area.height);
  context.globalAlpha = 1;
}
