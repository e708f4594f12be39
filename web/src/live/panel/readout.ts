/** The table of the cursors' values. Written by script: React never sees samples. */
import type { PlotView, Reading } from "../plot/view";

const MOST = 12;

export class Readout {
  readonly root: HTMLDivElement;
  private readonly body: HTMLTableSectionElement;
  private readonly headA: HTMLTableCellElement;
  private readonly headB: HTMLTableCellElement;
  private readonly differences: HTMLDivElement;
  private rows: [a: HTMLTableCellElement, b: HTMLTableCellElement, difference: HTMLTableCellElement][] = [];
  private names = "";

  constructor() {
    this.root = document.createElement("div");
    this.root.className = "live-readout";
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    const column = (text: string) => {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = text;
      head.append(cell);
      return cell;
    };
    column("Channel");
    this.headA = column("A");
    this.headB = column("B");
    column("B − A");
    this.body = table.createTBody();
    this.differences = document.createElement("div");
    this.differences.className = "live-differences";
    this.root.append(table, this.differences);
  }

  show(view: PlotView, a: number | null, b: number | null): void {
    const readings = [a, b].map((x) => (x === null ? null : view.read(x)));
    const [first, second] = readings;
    this.headA.textContent = a === null ? "A" : `A  ${view.writeX(first?.x ?? a)}`;
    this.headB.textContent = b === null ? "B" : `B  ${view.writeX(second?.x ?? b)}`;
    const values = first?.values ?? second?.values ?? [];
    this.shape(values.slice(0, MOST));
    this.rows.forEach(([one, other, difference], index) => {
      const [left, right] = [first?.values[index], second?.values[index]];
      one.textContent = left?.text ?? "–";
      other.textContent = right?.text ?? "–";
      const both = left && right && Number.isFinite(left.value) && Number.isFinite(right.value);
      difference.textContent = both ? view.writeY(right.value - left.value, index) : "–";
    });
    this.differences.textContent = a !== null && b !== null ? view.writeDifference(a, b).join("   ") : "";
  }

  private shape(values: Reading["values"]): void {
    const names = values.map((value) => value.name).join("\n");
    if (names === this.names && this.rows.length === values.length) return;
    this.names = names;
    this.body.replaceChildren();
    this.rows = values.map((value) => {
      const row = this.body.insertRow();
      const head = document.createElement("th");
      head.scope = "row";
      const swatch = document.createElement("span");
      swatch.className = "live-swatch";
      swatch.style.background = value.colour;
      head.append(swatch, value.name);
      row.append(head);
      return [row.insertCell(), row.insertCell(), row.insertCell()];
    });
  }
}
