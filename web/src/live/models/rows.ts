/** The newest rows of a waterfall, in a byte ring. Row r is of time `origin + r * seconds`. */
export class RowRing {
  readonly capacity: number;
  readonly points: number;
  readonly cells: Uint8Array;
  begin = 0;
  end = 0;

  constructor(capacity: number, points: number) {
    this.capacity = Math.max(1, capacity);
    this.points = points;
    this.cells = new Uint8Array(this.capacity * points);
  }

  clear(): void {
    this.begin = 0;
    this.end = 0;
  }

  clone(): RowRing {
    const copy = new RowRing(this.capacity, this.points);
    copy.cells.set(this.cells);
    copy.begin = this.begin;
    copy.end = this.end;
    return copy;
  }

  row(number: number): Uint8Array {
    const slot = number % this.capacity;
    return this.cells.subarray(slot * this.points, (slot + 1) * this.points);
  }

  /** Put rows behind the newest; rows in between are empty. */
  append(first: number, cells: Uint8Array): void {
    const count = this.points > 0 ? Math.floor(cells.length / this.points) : 0;
    if (count === 0) return;
    if (this.begin === this.end || first < this.end) this.begin = this.end = first;
    for (let number = Math.max(this.end, first - this.capacity); number < first; number++)
      this.row(number).fill(0);
    for (let index = Math.max(0, count - this.capacity); index < count; index++)
      this.row(first + index).set(cells.subarray(index * this.points, (index + 1) * this.points));
    this.end = first + count;
    this.begin = Math.max(this.begin, this.end - this.capacity);
  }
}
