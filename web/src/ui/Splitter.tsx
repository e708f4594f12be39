import { type KeyboardEvent, type PointerEvent, useState } from "react";

interface SplitterProps {
  label: string;
  /** The side of the page that the panel it sizes is on. */
  side: "left" | "right" | "bottom";
  size: number;
  min: number;
  max: number;
  initial: number;
  onSize: (size: number) => void;
}

/** The edge of a panel, to be dragged, or moved by arrow keys; a double click gives the first size again. */
export function Splitter({ label, side, size, min, max, initial, onSize }: SplitterProps) {
  const [drag, setDrag] = useState<{ at: number; size: number } | null>(null);
  const along = side === "bottom" ? "vertical" : "horizontal";
  const sign = side === "left" ? 1 : -1;
  const set = (value: number) => onSize(Math.round(Math.max(min, Math.min(max, value))));
  const place = (event: PointerEvent) => (along === "vertical" ? event.clientY : event.clientX);

  const onKeyDown = (event: KeyboardEvent) => {
    const keys: Record<string, number> =
      along === "vertical"
        ? { ArrowUp: 16, ArrowDown: -16 }
        : { ArrowLeft: -16 * sign, ArrowRight: 16 * sign };
    const step = keys[event.key];
    if (step === undefined) return;
    event.preventDefault();
    set(size + step);
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule that can be moved is a separator with a value, not an <hr>
    <div
      className={`splitter splitter-${side}`}
      role="separator"
      aria-label={label}
      aria-orientation={along === "vertical" ? "horizontal" : "vertical"}
      aria-valuenow={size}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      data-dragging={drag !== null}
      onKeyDown={onKeyDown}
      onDoubleClick={() => set(initial)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ at: place(event), size });
      }}
      onPointerMove={(event) => {
        if (drag)
          set(drag.size + (along === "vertical" ? drag.at - place(event) : (place(event) - drag.at) * sign));
      }}
      onPointerUp={() => setDrag(null)}
      onPointerCancel={() => setDrag(null)}
    />
  );
}
