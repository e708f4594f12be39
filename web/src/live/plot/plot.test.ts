import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { greyMap, heatMap, lab } from "./colormap";
import { csv, fileName } from "./csv";
import { AutoRange, decibelRange, niceRange } from "./range";
import { about, type Scale, toPixel, toValue } from "./scale";
import {
  bandLabel,
  hertz,
  linearTicks,
  logTicks,
  niceStep,
  nominalFrequency,
  timeTicks,
  timeUnit,
} from "./ticks";
import { clock, number, prettyUnit, quantity, referenceOf, scaled } from "./units";

describe("units", () => {
  it("chooses the prefix with one to three digits before the point", () => {
    expect(quantity(0.0032, "V")).toBe("3.200 mV");
    expect(quantity(-1234.6, "Hz")).toBe("−1.235 kHz");
    expect(quantity(1000, "Hz")).toBe("1.000 kHz");
    expect(quantity(20e-6, "Pa")).toBe("20.00 µPa");
    expect(quantity(2500, "m/s2")).toBe("2500 m/s²");
    expect(quantity(2500, "g")).toBe("2500 g");
    expect(quantity(0.0025, "g")).toBe("2.500 mg");
    expect(quantity(82.35, "dB")).toBe("82.3 dB");
    expect(quantity(0.5, "FS")).toBe("0.5000 FS");
    expect(quantity(Number.NaN, "V")).toBe("– V");
    expect(quantity(0, "V")).toBe("0 V");
    fc.assert(
      fc.property(fc.double({ min: 1e-14, max: 1e13, noNaN: true }), (value) => {
        const shown = Math.abs(value * scaled("V", value).factor);
        expect(shown).toBeGreaterThanOrEqual(0.999);
        expect(shown).toBeLessThan(1000.1);
      }),
    );
  });

  it("writes units and times as people do", () => {
    expect(["m/s2", "Pa^2/Hz", "degC", "Ohm", "1", "um", "20 uPa"].map(prettyUnit)).toEqual([
      "m/s²",
      "Pa²/Hz",
      "°C",
      "Ω",
      "",
      "µm",
      "20 µPa",
    ]);
    expect([1.5, 59.999, 125.06, 3725].map(clock)).toEqual(["1.50 s", "60.00 s", "2:05.1", "1:02:05"]);
    expect([0, 1234567, 0.00001234, -0.5, Number.NEGATIVE_INFINITY].map((value) => number(value))).toEqual([
      "0",
      "1.235e6",
      "1.234e−5",
      "−0.5000",
      "−∞",
    ]);
  });

  it("knows what a level refers to", () => {
    const of = (unit: string, reference = "") => referenceOf({ unit, reference });
    expect(of("Pa")).toEqual({ value: 20e-6, label: "dB re 20 µPa" });
    expect(of("Pa", "1 uPa")).toEqual({ value: 1e-6, label: "dB re 1 µPa" });
    expect(of("V", "0.775 V")).toEqual({ value: 0.775, label: "dB re 0.775 V" });
    expect(of("FS")).toEqual({ value: 1, label: "dB re 1 FS" });
    expect(of("g").value * 9.80665).toBeCloseTo(1e-6, 18);
    expect(of("V", "1 Pa").label).toBe("dB re 1 V"); // a reference of something else
  });
});

describe("ticks", () => {
  it("stand at multiples of 1, 2, 5 and are written with as many places as they need", () => {
    expect(linearTicks(-1, 1, 5).map((tick) => tick.label)).toEqual(["−1.0", "−0.5", "0.0", "0.5", "1.0"]);
    expect(linearTicks(-0.02, 0.02, 4, 1000).map((tick) => tick.label)).toEqual([
      "−20",
      "−10",
      "0",
      "10",
      "20",
    ]);
    expect(linearTicks(0, 0, 5)).toEqual([]);
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
        fc.integer({ min: 2, max: 12 }),
        (min, span, most) => {
          fc.pre(span > Math.abs(min) * 1e-9);
          const ticks = linearTicks(min, min + span, most);
          expect(ticks.length).toBeLessThanOrEqual(most + 1);
          expect(ticks.length).toBeGreaterThanOrEqual(Math.floor(most / 2.5) - 1);
          expect(new Set(ticks.map((tick) => tick.label)).size).toBe(ticks.length);
        },
      ),
    );
  });

  it("of a logarithmic axis have decades, and numbers where there is room", () => {
    const wide = logTicks(20, 20000, 900);
    expect(wide.filter((tick) => tick.label).map((tick) => tick.label)).toEqual(
      "20 50 100 200 500 1k 2k 5k 10k 20k".split(" "),
    );
    expect(wide.filter((tick) => tick.major).map((tick) => tick.value)).toEqual([100, 1000, 10000]);
    const narrow = logTicks(1, 1e6, 200);
    expect(narrow.every((tick) => tick.major)).toBe(true);
    expect(logTicks(0, 10, 100)).toEqual([]);
    expect(logTicks(990, 1010, 800).length).toBeGreaterThan(3);
  });

  it("of time are in seconds, then at whole minutes", () => {
    expect(timeTicks(0, 0.02, 4).map((tick) => tick.label)).toEqual(["0", "5", "10", "15", "20"]);
    expect(timeUnit(0, 0.02)).toBe("ms");
    expect(timeUnit(2.7, 2.9)).toBe("s"); // far from zero, prefixes make numbers longer
    expect(timeTicks(2.7, 2.9, 4).map((tick) => tick.label)).toEqual([
      "2.70",
      "2.75",
      "2.80",
      "2.85",
      "2.90",
    ]);
    expect(timeTicks(0, 600, 6).map((tick) => tick.label)).toEqual(
      "0:00 2:00 4:00 6:00 8:00 10:00".split(" "),
    );
    expect(timeTicks(0, 10800, 3).map((tick) => tick.label)).toEqual(
      "0:00:00 1:00:00 2:00:00 3:00:00".split(" "),
    );
  });

  it("name bands by their nominal frequencies (IEC 61260-1, table E.1)", () => {
    // Exact midbands of third octaves: 1000 * 10^(n / 10), n = -16 ... 13.
    const nominal =
      "25 31.5 40 50 63 80 100 125 160 200 250 315 400 500 630 800 1k 1.25k 1.6k 2k 2.5k 3.15k 4k 5k 6.3k 8k 10k 12.5k 16k 20k";
    const labels = Array.from({ length: 30 }, (_, index) => bandLabel(1000 * 10 ** ((index - 16) / 10)));
    expect(labels.join(" ")).toBe(nominal);
    expect(nominalFrequency(1000 * 10 ** (0.5 / 12))).toBe(1100); // a twelfth octave has no nominal name
    expect([15.8, 0, Number.NaN].map(hertz)).toEqual(["15.8", "0", "NaN"]);
  });

  it("have steps of 1, 2, 5", () => {
    expect([0.03, 1, 1.1, 2.2, 7, 99].map(niceStep)).toEqual([0.05, 1, 2, 5, 10, 100]);
  });
});

describe("ranges", () => {
  it("are round, hold the values, and are even about zero", () => {
    expect(niceRange(-0.9, 0.8)).toEqual([-1, 1]);
    expect(niceRange(-0.52, 0.4)).toEqual([-0.6, 0.6]);
    expect(niceRange(61, 84)).toEqual([60, 85]);
    expect(niceRange(0, 0)).toEqual([-1, 1]);
    expect(decibelRange(-6, 100)).toEqual([-100, 0]);
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
        fc.double({ noNaN: true, min: 0, max: 1e9 }),
        (min, span) => {
          const [low, high] = niceRange(min, min + span);
          const slack = 1e-9 * Math.max(Math.abs(low), Math.abs(high));
          expect(low).toBeLessThanOrEqual(min + slack);
          expect(high).toBeGreaterThanOrEqual(min + span - slack);
        },
      ),
    );
  });

  it("follow outwards at once and inwards after a while", () => {
    const auto = new AutoRange(2);
    expect(auto.follow(-0.1, 0.1, 0)).toBe(true);
    expect(auto.current).toEqual([-0.1, 0.1]);
    expect(auto.follow(-0.8, 0.9, 1)).toBe(true);
    expect(auto.current).toEqual([-1, 1]);
    expect(auto.follow(-0.1, 0.1, 1.5)).toBe(false);
    expect(auto.follow(-0.7, 0.7, 3)).toBe(false); // loud again: the wait begins anew
    expect(auto.follow(-0.1, 0.1, 4)).toBe(false);
    expect(auto.follow(-0.1, 0.1, 6.1)).toBe(true);
    expect(auto.current).toEqual([-0.1, 0.1]);
    expect(auto.follow(Number.NaN, Number.NaN, 9)).toBe(false);
  });
});

describe("scales", () => {
  it("go there and back", () => {
    const scales: Scale[] = [
      { min: -1, max: 3, log: false, pixels: 400, up: true },
      { min: 20, max: 20000, log: true, pixels: 900, up: false },
    ];
    for (const scale of scales)
      for (const pixel of [0, 1, 133, scale.pixels])
        expect(toPixel(scale, toValue(scale, pixel))).toBeCloseTo(pixel, 9);
    const [, wide] = scales as [Scale, Scale];
    expect(toPixel(wide, 632.4555)).toBeCloseTo(450, 3);
    const [low, high] = about(wide, 450, 0.5);
    expect(low * high).toBeCloseTo(20 * 20000, 3); // zoomed about its middle, which stays
    expect(Math.log10(high / low)).toBeCloseTo(1.5, 9);
  });
});

describe("csv", () => {
  it("quotes what must be, leaves out what is not a number, keeps float32 exactly", () => {
    const rows = [[Math.fround(0.1), Number.NaN, Number.NEGATIVE_INFINITY, 'say "x"']];
    expect(csv(["time [s]", "a,b", "c", "d"], rows)).toBe(
      'time [s],"a,b",c,d\r\n0.100000001,,-inf,"say ""x"""\r\n',
    );
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const [, text] = csv(["x"], [[value]]).split("\r\n");
        expect(Math.fround(Number(text)) + 0).toBe(value + 0);
      }),
    );
    expect(fileName("mic 1 / größe: strip", "csv")).toBe("mic-1-größe-strip.csv");
    expect(fileName("../..", "png")).toBe("view.png");
  });
});

describe("colour maps", () => {
  const linear = (value: number) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  const labs = (map: Uint8Array) =>
    Array.from({ length: 256 }, (_, entry) =>
      lab([...map.subarray(3 * entry, 3 * entry + 3)].map(linear) as [number, number, number]),
    );

  it("lab agrees with published values", () => {
    expect(lab([1, 1, 1]).map((part) => Math.round(part * 10) / 10 + 0)).toEqual([100, 0, 0]);
    const red = lab([1, 0, 0]); // sRGB red: 53.24, 80.09, 67.20
    expect(red[0]).toBeCloseTo(53.24, 1);
    expect(red[1]).toBeCloseTo(80.09, 1);
    expect(red[2]).toBeCloseTo(67.2, 1);
  });

  it("rise in lightness, by even steps of colour", () => {
    for (const map of [heatMap(), greyMap()]) {
      const all = labs(map);
      const windows = Array.from({ length: 31 }, (_, index) => {
        const [a, b] = [all[8 * index], all[8 * (index + 1)]] as [number[], number[]];
        expect(b[0]).toBeGreaterThan(a[0] as number);
        return Math.hypot(...a.map((part, axis) => part - (b[axis] as number)));
      });
      const mean = windows.reduce((sum, value) => sum + value, 0) / windows.length;
      for (const step of windows) expect(Math.abs(step / mean - 1)).toBeLessThan(0.25);
    }
  });
});
