/** Limits over frequency: straight lines over the logarithm of frequency, as the mask judges. */
import type { LimitCurve } from "../views/create";

/** The limit at a frequency; NaN beside its points. One value without a frequency holds everywhere. */
export function limitAt(points: LimitCurve["points"], frequency: number): number {
  const [only] = points;
  if (points.length === 1 && only?.[0] === null) return only[1];
  for (let at = 0; at < points.length; at++) {
    const [x = 0, y = 0] = points[at] as [number, number];
    if (frequency === x) return y;
    const next = points[at + 1];
    if (!next) break;
    const [x2, y2] = next as [number, number];
    if (frequency > x && frequency < x2)
      return x > 0 ? y + ((y2 - y) * Math.log(frequency / x)) / Math.log(x2 / x) : Number.NaN;
  }
  return Number.NaN;
}

/** Whether a limit judges a channel: by its name, or by what that ends with behind a dot. */
export function judgesChannel(limit: LimitCurve, name: string): boolean {
  return limit.value === null || name === limit.value || name.endsWith(`.${limit.value}`);
}
