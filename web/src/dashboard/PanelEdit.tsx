import { GripVertical, MoveDiagonal2, X } from "lucide-react";
import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { IconButton } from "../ui/Button";
import { COLUMNS, settle } from "./grid";
import type { DashboardPanel } from "./model";
import { changePanel, changePanels } from "./store";

interface EditProps {
  panel: DashboardPanel;
  /** Height of a row with its gap. */
  row: number;
  onStep: (dx: number, dy: number, size: boolean) => void;
  onDrag: (x: number, y: number) => void;
  onResize: (w: number, h: number) => void;
  onEnd: () => void;
  onCancel: () => void;
}

const STEPS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Title, handle and cross of a panel, and the corner that resizes it. */
export function PanelEdit({ panel, row, onStep, onDrag, onResize, onEnd, onCancel }: EditProps) {
  const name = panel.title || panel.edge;
  const keys = (event: KeyboardEvent, size: boolean) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    onStep(step[0], step[1], size || event.shiftKey);
  };
  const drag = useDrag(panel, row, (from, dx, dy) => onDrag(from.x + dx, from.y + dy), onEnd, onCancel);
  const size = useDrag(panel, row, (from, dx, dy) => onResize(from.w + dx, from.h + dy), onEnd, onCancel);
  return (
    <>
      <div className="panel-edit">
        <button
          type="button"
          className="panel-grip"
          aria-label={`Move ${name}: arrows; with Shift: resize`}
          onKeyDown={(event) => keys(event, false)}
          {...drag}
        >
          <GripVertical size={16} aria-hidden="true" />
        </button>
        <input
          className="panel-title"
          aria-label={`Title of ${panel.edge}`}
          value={panel.title}
          placeholder={panel.edge}
          onChange={(event) => changePanel(panel.id, { title: event.target.value })}
        />
        <IconButton
          icon={X}
          size={15}
          label={`Remove ${name}`}
          onClick={() => changePanels((list) => settle(list.filter((one) => one.id !== panel.id)))}
        />
      </div>
      <button
        type="button"
        className="panel-corner"
        aria-label={`Resize ${name}: arrows`}
        onKeyDown={(event) => keys(event, true)}
        {...size}
      >
        <MoveDiagonal2 size={14} aria-hidden="true" />
      </button>
    </>
  );
}

/** A drag in steps of the grid, counted from where the panel was when it began. */
function useDrag(
  panel: DashboardPanel,
  row: number,
  onMove: (from: DashboardPanel, dx: number, dy: number) => void,
  onEnd: () => void,
  onCancel: () => void,
) {
  const began = useRef<{ panel: DashboardPanel; x: number; y: number; column: number } | null>(null);
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      const grid = event.currentTarget.closest(".panel-grid");
      if (!grid || event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      began.current = { panel, x: event.clientX, y: event.clientY, column: grid.clientWidth / COLUMNS };
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (!began.current) return;
      const { x, y, column } = began.current;
      const [dx, dy] = [Math.round((event.clientX - x) / column), Math.round((event.clientY - y) / row)];
      onMove(began.current.panel, dx, dy);
    },
    onPointerUp: () => {
      if (began.current) onEnd();
      began.current = null;
    },
    onPointerCancel: () => {
      began.current = null;
      onCancel();
    },
  };
}
