/** The x axis of spectra and waterfalls: frequencies, logarithmic or not, orders, or bands side by side. */
import type { Description } from "../data/describe";
import type { Range } from "../plot/range";
import type { Scale } from "../plot/scale";
import { bandLabel, linearTicks, logTicks, type Tick } from "../plot/ticks";
import { fixed, quantity } from "../plot/units";

export class FrequencyAxis {
  readonly x: readonly number[];
  readonly bands: boolean;
  readonly log: boolean;
  readonly order: boolean;
  /** Places of the points on the axis: frequencies, or the numbers of the bands. */
  readonly places: Float64Array;

  constructor(description: Description, wanted: "log" | "linear") {
    this.x = description.x;
    this.bands = description.axis === "band";
    this.order = description.axis === "order";
    this.log = description.axis === "frequency" && wanted === "log";
    this.places = this.bands ? Float64Array.from(this.x, (_, at) => at) : Float64Array.from(this.x);
  }

  /** Everything there is; a logarithmic axis has no zero, and ends after five decades. */
  whole(): Range {
    const { x } = this;
    const last = x.at(-1) ?? 1;
    if (this.bands) return [-0.5, x.length - 0.5];
    if (!this.log) return [x[0] ?? 0, last];
    return [x.find((one) => one > 0 && one >= last / 1e5) ?? last / 10, last];
  }

  scale([min, max]: Range, pixels: number): Scale {
    return { min, max, log: this.log, pixels, up: false };
  }

  ticks(scale: Scale): Tick[] {
    if (!this.bands)
      return this.log
        ? logTicks(scale.min, scale.max, scale.pixels)
        : linearTicks(scale.min, scale.max, scale.pixels / 80);
    const { x } = this;
    const room = scale.pixels / Math.max(1, scale.max - scale.min);
    // Whole octaves where not every band can be named: the same names at any width.
    const perOctave = Math.max(1, Math.round(Math.log(2) / Math.log((x[1] ?? 2) / (x[0] ?? 1))));
    const octaves = Math.ceil(30 / (room * perOctave));
    const every = room >= 34 ? 1 : perOctave * Math.max(1, octaves);
    const at = x.findIndex((one) => Math.abs(Math.log2(one / 1000)) < 0.02);
    const start = at >= 0 ? at % every : 0;
    return x.flatMap((one, index) =>
      index % every === start ? [{ value: index, label: bandLabel(one), major: true }] : [],
    );
  }

  get unit(): string {
    return this.order ? "order" : "Hz";
  }

  /** Frequency of a place: bands lie one beside the other. */
  frequencyAt(place: number): number {
    if (!this.bands) return place;
    const { x } = this;
    const at = Math.max(0, Math.min(x.length - 1, Math.floor(place)));
    const [a = 1, b] = [x[at], x[at + 1]];
    const ratio = b ? b / a : (x[1] ?? 2) / (x[0] ?? 1);
    return a * ratio ** (place - at);
  }

  /** Number of the point nearest to a place. */
  nearest(place: number): number {
    const { places } = this;
    let [low, high] = [0, places.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((places[middle] as number) <= place) low = middle;
      else high = middle;
    }
    const [a, b] = [places[low] as number, places[high] as number];
    const closer = this.log && a > 0 ? place * place < a * b : place - a < b - place;
    return closer ? low : Math.max(0, high);
  }

  write(place: number): string {
    if (this.bands) return `${bandLabel(this.x[this.nearest(place)] ?? 0)} Hz`;
    return this.order ? `order ${fixed(place, 2)}` : quantity(place, "Hz", 5);
  }

  writeDifference(a: number, b: number): string[] {
    if (this.bands) return [`${Math.abs(Math.round(b - a))} bands`];
    const octaves = a > 0 && b > 0 && !this.order ? [`${fixed(Math.abs(Math.log2(b / a)), 2)} octaves`] : [];
    return [`Δf ${quantity(Math.abs(b - a), this.order ? "" : "Hz")}`, ...octaves];
  }

  /** A range within what there is; null where it is all of it, undefined where it is too small. */
  kept(range: Range | null): Range | null | undefined {
    if (!range) return null;
    const [min, max] = this.whole();
    const [from, to] = [Math.max(min, range[0]), Math.min(max, range[1])];
    const smallest = this.log ? to / from > 1.002 : to - from > (max - min) * 1e-4;
    if (!smallest || !(to > from)) return undefined;
    return from > min || to < max ? [from, to] : null;
  }
}
