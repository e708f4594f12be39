/** Tables as text (RFC 4180), of what is seen. */

/** A field, quoted where it must be; a number with the digits that a float32 has, "" where it is not one. */
export function field(value: string | number): string {
  if (typeof value === "number") {
    if (Number.isNaN(value)) return "";
    if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
    return String(Number(value.toPrecision(9)));
  }
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

export function csv(header: readonly string[], rows: Iterable<readonly (string | number)[]>): string {
  const lines = [header.map(field).join(",")];
  for (const row of rows) lines.push(row.map(field).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

/** A time with all the digits that tell samples apart: for the first column of a table. */
export function exact(seconds: number): string {
  return String(Number(seconds.toPrecision(15)));
}

/** A name of a file from a title: letters, digits, `-`, `_` and `.` stay. */
export function fileName(title: string, suffix: string): string {
  const stem = title
    .normalize("NFC")
    .replace(/[^\p{L}\p{N}._-]+/gu, "-")
    .replace(/^[-.]+|[-.]+$/g, "");
  return `${stem || "view"}.${suffix}`;
}
