/** What is seen as a picture: the canvases above each other, with a line that says what it is. */
import { themeColor } from "../../theme/colors";
import { FONT, FONT_BOLD, textWidth } from "../plot/axes";

export interface Legend {
  name: string;
  colour: string;
}

const HEAD = 34;

/** Put layers of one size together; `title` and `note` stand above, the legend at the right. */
export function compose(
  layers: readonly HTMLCanvasElement[],
  title: string,
  note: string,
  legend: readonly Legend[],
): HTMLCanvasElement {
  const [base] = layers;
  const ratio = base && base.clientWidth > 0 ? base.width / base.clientWidth : 1;
  const picture = document.createElement("canvas");
  picture.width = base?.width ?? 1;
  picture.height = (base?.height ?? 1) + Math.round(HEAD * ratio);
  const context = picture.getContext("2d");
  if (!context || !base) return picture;
  context.fillStyle = themeColor("--plot-bg");
  context.fillRect(0, 0, picture.width, picture.height);
  const origin = base.getBoundingClientRect();
  for (const layer of layers) {
    if (layer.hidden || layer.width === 0) continue;
    const box = layer.getBoundingClientRect();
    context.drawImage(layer, (box.left - origin.left) * ratio, (box.top - origin.top + HEAD) * ratio);
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.textBaseline = "middle";
  context.fillStyle = themeColor("--text");
  context.font = FONT_BOLD;
  context.fillText(title, 10, HEAD / 2);
  const after = 10 + textWidth(title, FONT_BOLD) + 12;
  context.font = FONT;
  context.fillStyle = themeColor("--text-2");
  context.fillText(note, after, HEAD / 2);
  drawLegend(context, legend, after + textWidth(note) + 24, picture.width / ratio - 10);
  return picture;
}

function drawLegend(
  context: CanvasRenderingContext2D,
  legend: readonly Legend[],
  from: number,
  to: number,
): void {
  let x = to;
  for (const { name, colour } of legend.slice(0, 12).toReversed()) {
    x -= textWidth(name);
    if (x - 14 < from) return;
    context.fillStyle = themeColor("--text-2");
    context.textAlign = "left";
    context.fillText(name, x, HEAD / 2);
    context.fillStyle = colour;
    context.fillRect(x - 13, HEAD / 2 - 4, 8, 8);
    x -= 26;
  }
}

/** Give a file to the browser's downloads. */
export function save(data: Blob, name: string): void {
  const url = URL.createObjectURL(data);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads the address when the click is handled; then it can go.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
