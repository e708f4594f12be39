/** Numbers as people type them: `48k`, `1,5e-3`, `20 u`, `2.5 kHz` in a field in Hz. */

const PREFIX: Record<string, number> = {
  G: 1e9,
  M: 1e6,
  k: 1e3,
  m: 1e-3,
  u: 1e-6,
  µ: 1e-6,
  μ: 1e-6,
  n: 1e-9,
  p: 1e-12,
};

const NUMBER = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(.*)$/i;

/** The number in a text, or null. A prefix may stand behind it, and the field's own unit. */
export function parseNumber(text: string, unit = ""): number | null {
  const plain = text
    .trim()
    .replace(/\u2212/g, "-")
    .replace(/^([^.,]*),([^.,]*)$/, "$1.$2");
  const match = NUMBER.exec(plain);
  if (!match) return null;
  const value = Number(match[1]);
  let rest = match[2] ?? "";
  if (rest === "") return Number.isFinite(value) ? value : null;
  if (unit && rest.endsWith(unit)) rest = rest.slice(0, rest.length - unit.length).trim();
  if (rest === "") return Number.isFinite(value) ? value : null;
  const factor = PREFIX[rest];
  if (factor === undefined) return null;
  // 1.1 and three places further is 1100, not 1100.0000000000002: by the decimal that was written.
  const exact = Number(`${match[1]}e${Math.round(Math.log10(factor))}`);
  const scaled = Number.isNaN(exact) ? value * factor : exact;
  return Number.isFinite(scaled) ? scaled : null;
}

/** A number as it goes into a field: as short as it can be without losing anything. */
export function numberText(value: number): string {
  return String(value);
}

/** One step up or down: 1 in the second digit (440 -> 450, 0.02 -> 0.021), ten of them with `big`, whole numbers stay whole. */
export function step(value: number, direction: 1 | -1, options: { integer: boolean; big: boolean }): number {
  const size = Math.abs(value);
  // Down from 100 the steps are those of 99: otherwise 100 -> 90 -> 89.
  const seen = direction * Math.sign(value) < 0 ? size * (1 - 1e-9) : size;
  let exponent = seen > 0 ? Math.floor(Math.log10(seen)) - 1 : -1;
  if (options.big) exponent += 1;
  if (options.integer) exponent = Math.max(0, exponent);
  const by = 10 ** exponent;
  const next = (Math.round(value / by) + direction) * by;
  // Powers of ten below one are no exact numbers: back to the decimal that is meant.
  return Number(next.toPrecision(12));
}
