/** Lines, bars and limits over one x axis: uPlot on the area of a stage, with our axes and our cursors. */
import uPlot from "uplot";
import type { Scale } from "./scale";
import type { Stage } from "./stage";

export interface LineSeries {
  colour: string;
  width: number;
  dash?: number[];
  /** How its values become a path; NaN is no value. */
  paths: uPlot.Series.PathBuilder;
}

export interface LineDrawing {
  context: CanvasRenderingContext2D;
  /** Device pixels. */
  width: number;
  height: number;
  ratio: number;
}

export class LinePlot {
  private plot: uPlot | null = null;
  private shape = "";
  private scales: { x: Scale; y: Scale } | null = null;
  private readonly stage: Stage;
  private readonly below: (drawing: LineDrawing) => void;
  private readonly above: (drawing: LineDrawing) => void;

  /** `below` draws the ground before the series, `above` what lies over them. */
  constructor(stage: Stage, below: (drawing: LineDrawing) => void, above: (drawing: LineDrawing) => void) {
    this.stage = stage;
    this.below = below;
    this.above = above;
    stage.plot.hidden = true;
  }

  /** Draw series over x, all with as many values as x has. */
  draw(
    x: Float64Array,
    series: readonly LineSeries[],
    values: readonly Float32Array[],
    scales: { x: Scale; y: Scale },
  ): void {
    this.scales = scales;
    const { area, ratio } = this.stage;
    const shape = JSON.stringify([
      series.map(({ colour, width, dash }) => [colour, width, dash]),
      scales.x.log,
      ratio,
    ]);
    const data: uPlot.AlignedData = [x, ...values];
    if (!this.plot || shape !== this.shape) {
      this.shape = shape;
      this.make(series, data, scales.x.log);
      return;
    }
    this.plot.series.slice(1).forEach((one, index) => {
      one.paths = series[index]?.paths ?? (() => null);
    });
    if (this.plot.width !== area.width || this.plot.height !== area.height) {
      this.plot.setSize({ width: area.width, height: area.height });
      this.put();
    }
    this.plot.batch(() => {
      this.plot?.setData(data, false);
      this.plot?.setScale("x", { min: scales.x.min, max: scales.x.max });
      this.plot?.setScale("y", { min: scales.y.min, max: scales.y.max });
    });
  }

  get canvas(): HTMLCanvasElement | null {
    return this.plot?.ctx.canvas ?? null;
  }

  destroy(): void {
    this.plot?.destroy();
    this.plot = null;
  }

  private put(): void {
    const root = this.plot?.root;
    if (!root) return;
    const { area } = this.stage;
    root.style.left = `${area.left}px`;
    root.style.top = `${area.top}px`;
  }

  private make(series: readonly LineSeries[], data: uPlot.AlignedData, log: boolean): void {
    this.destroy();
    const { area } = this.stage;
    const drawing = (self: uPlot): LineDrawing => ({
      context: self.ctx,
      width: self.ctx.canvas.width,
      height: self.ctx.canvas.height,
      ratio: this.stage.ratio,
    });
    const x = () => [this.scales?.x.min ?? 0, this.scales?.x.max ?? 1] as uPlot.Range.MinMax;
    const y = () => [this.scales?.y.min ?? 0, this.scales?.y.max ?? 1] as uPlot.Range.MinMax;
    const options: uPlot.Options = {
      width: area.width,
      height: area.height,
      class: "live-lines",
      padding: [0, 0, 0, 0],
      cursor: { show: false },
      legend: { show: false },
      select: { show: false, left: 0, top: 0, width: 0, height: 0 },
      axes: [{ show: false }, { show: false }],
      scales: { x: { time: false, distr: log ? 3 : 1, auto: false, range: x }, y: { auto: false, range: y } },
      series: [
        {},
        ...series.map(({ colour, width, dash, paths }) => ({
          stroke: colour,
          fill: colour,
          width,
          pxAlign: 0,
          points: { show: false },
          paths,
          ...(dash ? { dash } : {}),
        })),
      ],
      hooks: {
        drawClear: [(self) => kept(self, () => this.below(drawing(self)))],
        draw: [(self) => kept(self, () => this.above(drawing(self)))],
      },
    };
    this.plot = new uPlot(options, data);
    this.stage.root.insertBefore(this.plot.root, this.stage.overlay);
    this.put();
  }
}

/** uPlot remembers what it set last on its context: whoever else draws leaves it as it was. */
function kept(self: uPlot, draw: () => void): void {
  self.ctx.save();
  draw();
  self.ctx.restore();
}

/** A line through all values, broken where there is none. */
export function lineThrough(): uPlot.Series.PathBuilder {
  return (self, index, from, to) => {
    const stroke = new Path2D();
    const [x] = self.data;
    const values = self.data[index] as Float32Array;
    let open = false;
    for (let at = from; at <= to; at++) {
      const value = values[at] as number;
      if (Number.isNaN(value)) {
        open = false;
        continue;
      }
      const left = self.valToPos(x?.[at] as number, "x", true);
      const top = self.valToPos(value, "y", true);
      if (open) stroke.lineTo(left, top);
      else stroke.moveTo(left, top);
      open = true;
    }
    return { stroke, fill: null };
  };
}

/** Bars from the bottom, side by side where there are several series: the n-th of `count`. */
export function bars(place: number, count: number, gap: number): uPlot.Series.PathBuilder {
  return (self, index, from, to) => {
    const fill = new Path2D();
    const [x] = self.data;
    const values = self.data[index] as Float32Array;
    const one = Math.abs(self.valToPos(1, "x", true) - self.valToPos(0, "x", true));
    const room = Math.max(1, one - Math.max(1, Math.round(one * gap)));
    const width = Math.max(1, room / count);
    const bottom = self.ctx.canvas.height;
    for (let at = from; at <= to; at++) {
      const value = values[at] as number;
      if (Number.isNaN(value)) continue;
      const middle = self.valToPos(x?.[at] as number, "x", true);
      const left = Math.round(middle - room / 2 + place * width);
      const right = Math.round(middle - room / 2 + (place + 1) * width);
      const top = Math.min(bottom, self.valToPos(value, "y", true));
      fill.rect(left, top, Math.max(1, right - left), bottom - top);
    }
    return { stroke: null, fill };
  };
}

/** A short line above each bar: a held peak. */
export function caps(place: number, count: number, gap: number, thickness: number): uPlot.Series.PathBuilder {
  return (self, index, from, to) => {
    const fill = new Path2D();
    const [x] = self.data;
    const values = self.data[index] as Float32Array;
    const one = Math.abs(self.valToPos(1, "x", true) - self.valToPos(0, "x", true));
    const room = Math.max(1, one - Math.max(1, Math.round(one * gap)));
    const width = Math.max(1, room / count);
    for (let at = from; at <= to; at++) {
      const value = values[at] as number;
      if (Number.isNaN(value)) continue;
      const middle = self.valToPos(x?.[at] as number, "x", true);
      const left = Math.round(middle - room / 2 + place * width);
      const top = self.valToPos(value, "y", true);
      fill.rect(left, Math.round(top - thickness / 2), Math.max(1, Math.round(width)), thickness);
    }
    return { stroke: null, fill };
  };
}
