/**
 * A perceptually uniform colour map: equal steps of level are equal steps for the eye.
 *
 * The path goes through OKLCh (Ottosson 2020) from near black over violet, red and orange to light yellow with
 * lightness always rising, and is then cut into 256 pieces of equal colour difference in CIELAB (CIE 15:2004, dE*ab).
 */
type Triple = [number, number, number];

function gamma(linear: number): number {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
}

function okToLinear(lightness: number, chroma: number, hue: number): Triple {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

/** CIELAB under D65 of linear sRGB. */
export function lab([red, green, blue]: Triple): Triple {
  const x = (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047;
  const y = 0.2126729 * red + 0.7151522 * green + 0.072175 * blue;
  const z = (0.0193339 * red + 0.119192 * green + 0.9503041 * blue) / 1.08883;
  const f = (value: number) =>
    value > (6 / 29) ** 3 ? Math.cbrt(value) : value / (3 * (6 / 29) ** 2) + 4 / 29;
  return [116 * f(y) - 16, 500 * (f(x) - f(y)), 200 * (f(y) - f(z))];
}

/** The colour at a share of the path, with as much chroma as the screen can show. */
function onPath(share: number): Triple {
  const lightness = 0.13 + 0.84 * share;
  const hue = 275 + 190 * share ** 0.9; // 275 blue-violet, over 360 red, to 465 = 105 yellow
  let chroma = 0.19 * Math.sin(Math.PI * Math.min(1, 0.1 + 0.86 * share)) ** 0.7;
  if (!onScreen(okToLinear(lightness, chroma, hue))) {
    let [inside, outside] = [0, chroma];
    for (let halving = 0; halving < 24; halving++) {
      const middle = (inside + outside) / 2;
      if (onScreen(okToLinear(lightness, middle, hue))) inside = middle;
      else outside = middle;
    }
    chroma = inside;
  }
  return okToLinear(lightness, chroma, hue);
}

function onScreen(colour: Triple): boolean {
  return colour.every((part) => part >= 0 && part <= 1);
}

/** 256 colours, three bytes each. */
export function heatMap(): Uint8Array {
  const fine = 2048;
  const path = Array.from({ length: fine + 1 }, (_, index) => onPath(index / fine));
  const travelled = [0];
  for (let index = 1; index <= fine; index++) {
    const [a, b] = [lab(path[index - 1] as Triple), lab(path[index] as Triple)];
    const step = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
    travelled.push((travelled[index - 1] as number) + step);
  }
  const whole = travelled[fine] as number;
  const map = new Uint8Array(256 * 3);
  let at = 0;
  for (let entry = 0; entry < 256; entry++) {
    while (at < fine && (travelled[at] as number) < (whole * entry) / 255) at++;
    (path[at] as Triple).forEach((part, index) => {
      map[3 * entry + index] = Math.round(255 * gamma(Math.min(1, Math.max(0, part))));
    });
  }
  return map;
}

/** Shades of grey with even steps of L*, for printing. */
export function greyMap(): Uint8Array {
  const map = new Uint8Array(256 * 3);
  for (let entry = 0; entry < 256; entry++) {
    const lightness = (entry / 255) * 100;
    const y = lightness > 8 ? ((lightness + 16) / 116) ** 3 : (lightness * 27) / 24389;
    map.fill(Math.round(255 * gamma(y)), 3 * entry, 3 * entry + 3);
  }
  return map;
}

const known = new Map<string, Uint32Array>();

/** Colours as pixels of an ImageData's buffer; entry 0, where there is nothing, is transparent. */
export function pixels(name: "heat" | "grey"): Uint32Array {
  let found = known.get(name);
  if (!found) {
    const map = name === "grey" ? greyMap() : heatMap();
    found = Uint32Array.from({ length: 256 }, (_, entry) => {
      const [red = 0, green = 0, blue = 0] = map.subarray(3 * entry, 3 * entry + 3);
      return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
    });
    found[0] = 0;
    known.set(name, found);
  }
  return found;
}
