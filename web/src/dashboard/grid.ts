/** Panels on a grid of twelve columns: nothing lies over anything, and everything lies as high as it can. */
export interface Cell {
  id: string;
  x: number;
  y: number;
  w: number;
  h: number;
}

export const COLUMNS = 12;
export const LEAST = { w: 2, h: 2 } as const;
const MOST_H = 24;

function whole(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, Number.isFinite(value) ? Math.round(value) : least));
}

/** A cell within the grid's columns. */
export function fitted<C extends Cell>(cell: C): C {
  const w = whole(cell.w, LEAST.w, COLUMNS);
  const h = whole(cell.h, LEAST.h, MOST_H);
  return { ...cell, w, h, x: whole(cell.x, 0, COLUMNS - w), y: whole(cell.y, 0, 10_000) };
}

export function overlap(a: Cell, b: Cell): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

const byPlace = (a: Cell, b: Cell): number => a.y - b.y || a.x - b.x;

/** The first row, from `from` down, at which a cell lies over none of the others. */
function free(cell: Cell, others: readonly Cell[], from: number): number {
  let y = from;
  for (;;) {
    const hit = others.find((other) => overlap({ ...cell, y }, other));
    if (!hit) return y;
    y = hit.y + hit.h;
  }
}

/** Cells without overlap, packed upwards; the one called `first` keeps its place, others give way. */
export function settle<C extends Cell>(cells: readonly C[], first?: string): C[] {
  const order = cells.map(fitted).toSorted(byPlace);
  const head = order.filter((cell) => cell.id === first);
  const placed: C[] = [...head];
  for (const cell of order) if (cell.id !== first) placed.push({ ...cell, y: free(cell, placed, cell.y) });
  const packed: C[] = [];
  for (const cell of placed.toSorted(byPlace)) packed.push({ ...cell, y: highest(cell, packed) });
  // In the order they were given: the page's order of reading.
  return cells.flatMap((cell) => packed.filter((one) => one.id === cell.id));
}

/** As far up as a cell falls without going through another. */
function highest(cell: Cell, others: readonly Cell[]): number {
  const below = others.filter((other) => other.x < cell.x + cell.w && cell.x < other.x + other.w);
  return Math.max(0, ...below.map((other) => other.y + other.h));
}

export function moved<C extends Cell>(cells: readonly C[], id: string, x: number, y: number): C[] {
  return settle(
    cells.map((cell) => (cell.id === id ? { ...cell, x, y } : cell)),
    id,
  );
}

export function resized<C extends Cell>(cells: readonly C[], id: string, w: number, h: number): C[] {
  const within = (cell: C) => ({ ...cell, w: Math.min(w, COLUMNS - cell.x), h });
  return settle(
    cells.map((cell) => (cell.id === id ? within(cell) : cell)),
    id,
  );
}

/** Where a new cell of a size fits first, reading from the top left. */
export function vacancy(cells: readonly Cell[], w: number, h: number): { x: number; y: number } {
  for (let y = 0; ; y++) {
    for (let x = 0; x + w <= COLUMNS; x++) {
      if (!cells.some((cell) => overlap(cell, { id: "", x, y, w, h }))) return { x, y };
    }
  }
}

export function rows(cells: readonly Cell[]): number {
  return Math.max(0, ...cells.map((cell) => cell.y + cell.h));
}
