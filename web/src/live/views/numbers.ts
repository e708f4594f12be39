/** Numbers, large: the newest value of every channel with its unit, and what it was in between. */
import type { ScalarModel } from "../models/models";
import { csv } from "../plot/csv";
import { fixed, isLevel, number, prettyUnit, scaled } from "../plot/units";
import type { View } from "../plot/view";

interface Card {
  value: HTMLElement;
  unit: HTMLElement;
  detail: HTMLElement;
}

const MOST = 64;

export class NumbersView implements View {
  private readonly root = document.createElement("div");
  private model: ScalarModel;
  private hidden: readonly string[] = [];
  private cards: Card[] = [];
  private shape = "";

  constructor(host: HTMLElement, model: ScalarModel, hidden: readonly string[]) {
    this.model = model;
    this.root.className = "live-numbers";
    host.append(this.root);
    this.set(model, hidden);
  }

  set(model: ScalarModel, hidden: readonly string[]): void {
    this.model = model;
    this.hidden = hidden;
    const names = this.shown().map((index) => model.description.channels[index]?.name ?? "");
    const shape = names.join("\n");
    if (shape === this.shape && this.cards.length === names.length) return;
    this.shape = shape;
    this.root.replaceChildren();
    this.root.dataset.count = names.length === 1 ? "one" : names.length <= 4 ? "few" : "many";
    this.cards = names.map((name) => this.card(name));
  }

  private shown(): number[] {
    const { channels } = this.model.description;
    const all = channels.slice(0, MOST).map((_, index) => index);
    const left = all.filter((index) => !this.hidden.includes(channels[index]?.name ?? ""));
    return left.length > 0 ? left : all;
  }

  private card(name: string): Card {
    const part = (className: string, parent: HTMLElement) => {
      const element = document.createElement("span");
      element.className = className;
      parent.append(element);
      return element;
    };
    const card = document.createElement("div");
    card.className = "live-number";
    part("live-number-name", card).textContent = name;
    const line = part("live-number-line", card);
    const value = part("live-number-value", line);
    const unit = part("live-number-unit", line);
    const detail = part("live-number-detail", card);
    this.root.append(card);
    return { value, unit, detail };
  }

  invalidate(): void {
    // Colours and size come from the style sheet.
  }

  freeze(): void {
    // A number shows what is now.
  }

  draw(): void {
    const { values, description } = this.model;
    this.shown().forEach((index, place) => {
      const card = this.cards[place];
      const channel = description.channels[index];
      if (!card || !channel) return;
      const [newest = Number.NaN, low = Number.NaN, high = Number.NaN] = values.subarray(
        4 * index,
        4 * index + 3,
      );
      const scale = isLevel(channel.unit) ? null : scaled(channel.unit, Math.abs(newest));
      const write = (value: number) => {
        if (!scale) return fixed(value, 1);
        return channel.unit === "" && Number.isSafeInteger(value)
          ? fixed(value, 0)
          : number(value * scale.factor, 4);
      };
      put(card.value, write(newest));
      put(
        card.unit,
        scale ? scale.unit : channel.reference ? `dB re ${prettyUnit(channel.reference)}` : "dB",
      );
      put(card.detail, low === high ? channel.quantity : `${write(low)} … ${write(high)}`);
    });
  }

  summary(): string {
    if (this.model.values.length === 0) return "No values yet.";
    const parts = this.shown()
      .slice(0, 6)
      .map((_, place) => {
        const card = this.cards[place];
        return `${this.model.description.channels[this.shown()[place] ?? 0]?.name ?? ""} ${card?.value.textContent ?? ""} ${card?.unit.textContent ?? ""}`;
      });
    return `${parts.join(", ")}.`;
  }

  table(): string | null {
    const { values, description } = this.model;
    if (values.length === 0) return null;
    const rows = this.shown().map((index) => {
      const { name = "", unit = "" } = description.channels[index] ?? {};
      return [name, unit, ...values.subarray(4 * index, 4 * index + 4)];
    });
    return csv(["channel", "unit", "newest", "smallest", "largest", "mean"], rows);
  }

  probe(): Record<string, unknown> {
    const { values, description, time } = this.model;
    return {
      time,
      values: description.channels.map(({ name }, index) => ({ name, value: values[4 * index] })),
    };
  }

  layers(): HTMLCanvasElement[] {
    return [];
  }

  destroy(): void {
    this.root.remove();
  }
}

function put(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
