/** Numbers and times as people read them. */

const PREFIXES: readonly (readonly [number, string])[] = [
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

/** At most `digits` significant digits, without zeros at the end. */
export function digits(value: number, count = 4): string {
  if (!Number.isFinite(value)) return value > 0 ? "∞" : value < 0 ? "−∞" : "–";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-4))
    return value.toExponential(Math.max(0, count - 2)).replace(/\.?0+e/, "e");
  return String(Number(value.toPrecision(count)));
}

/** 48000 Hz as `48 kHz`; units that take no prefix as they are. */
export function quantity(value: number, unit: string): string {
  if (!unit || unit === "1") return digits(value, 6);
  if (unit === "Hz")
    for (const [factor, prefix] of PREFIXES)
      if (Math.abs(value) >= factor) return `${digits(value / factor, 6)} ${prefix}${unit}`;
  return `${digits(value, 6)} ${unit}`;
}

export function rate(perSecond: number): string {
  if (perSecond >= 1e6) return `${digits(perSecond / 1e6, 3)}M/s`;
  if (perSecond >= 1e4) return `${digits(perSecond / 1e3, 3)}k/s`;
  return `${digits(perSecond, 3)}/s`;
}

export function count(value: number): string {
  return value.toLocaleString("en").replaceAll(",", "\u202f");
}

/** Seconds of signal as `0:12.4`, `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (h) return `${h}:${two(m)}:${two(s)}`;
  return `${m}:${two(s)}.${Math.floor((seconds - whole) * 10)}`;
}

/** How long ago a Unix time was. */
export function ago(time: number, now = Date.now() / 1000): string {
  const seconds = Math.max(0, now - time);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  if (seconds < 7 * 86_400) return `${Math.floor(seconds / 86_400)} d ago`;
  return new Date(time * 1000).toLocaleDateString("en-CA");
}

export function bytes(size: number): string {
  for (const [factor, prefix] of PREFIXES)
    if (size >= factor) return `${digits(size / factor, 3)} ${prefix}B`;
  return `${size} B`;
}
