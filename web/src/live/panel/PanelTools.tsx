import {
  Download,
  Image,
  Pause,
  Play,
  RotateCcw,
  SlidersHorizontal,
  SquareSplitHorizontal,
  Table,
} from "lucide-react";
import type { ReactNode } from "react";
import { fileName } from "../plot/csv";
import type { PanelController, PanelState } from "./controller";
import { KIND_NAMES, type PanelKind } from "./kinds";
import { OptionsForm } from "./OptionsForm";
import type { PanelOptions } from "./options";
import { Popover } from "./Popover";
import { compose, save } from "./picture";

interface ToolsProps {
  controller: PanelController | null;
  state: PanelState;
  name: string;
  options: PanelOptions;
  plain: boolean;
  onKind: (kind: string) => void;
  onOptions: (part: Partial<PanelOptions>) => void;
}

const PLOTS: readonly (PanelKind | null)[] = ["strip", "scope", "spectrum", "waterfall", "trend"];

function Tool({
  label,
  pressed,
  onClick,
  children,
}: {
  label: string;
  pressed?: boolean;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      className="live-tool"
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      onClick={onClick}
    >
      {children}
    </button>
  );
}

/** Kind, freeze, cursors, options, export. */
export function PanelTools({ controller, state, name, options, plain, onKind, onOptions }: ToolsProps) {
  const plot = PLOTS.includes(state.kind);
  const stem = `${name}-${state.kind ?? "view"}`;
  const note = [state.kind ? KIND_NAMES[state.kind] : "", new Date().toLocaleString()].join("  ");
  const png = () => {
    const layers = controller?.view?.layers() ?? [];
    const legend = state.channels.filter((channel) => !options.hidden.includes(channel.name));
    compose(layers, name, note, legend.length > 12 ? [] : legend).toBlob((blob) => {
      if (blob) save(blob, fileName(stem, "png"));
    });
  };
  const table = () => {
    const text = controller?.view?.table();
    if (text) save(new Blob([text], { type: "text/csv" }), fileName(stem, "csv"));
  };
  return (
    <span className="live-tools">
      {plot && (
        <>
          <Tool
            label={state.frozen ? "Go on" : "Freeze"}
            pressed={state.frozen}
            onClick={() => controller?.freeze(!state.frozen)}
          >
            {state.frozen ? <Play size={14} aria-hidden="true" /> : <Pause size={14} aria-hidden="true" />}
          </Tool>
          <Tool
            label="Cursors"
            pressed={state.cursors}
            onClick={() => controller?.showCursors(!state.cursors)}
          >
            <SquareSplitHorizontal size={14} aria-hidden="true" />
          </Tool>
        </>
      )}
      {state.kind === "spectrum" && options.hold && (
        <Tool label="Forget peak hold" onClick={() => void controller?.reset()}>
          <RotateCcw size={14} aria-hidden="true" />
        </Tool>
      )}
      {state.kind !== null && state.kind !== "verdict" && (
        <Popover label="Export what is seen" icon={<Download size={14} aria-hidden="true" />}>
          {(close) => (
            <div className="live-exports">
              {(controller?.view?.layers().length ?? 0) > 0 && (
                <button
                  type="button"
                  className="live-export"
                  onClick={() => {
                    png();
                    close();
                  }}
                >
                  <Image size={14} aria-hidden="true" /> Picture (PNG)
                </button>
              )}
              <button
                type="button"
                className="live-export"
                onClick={() => {
                  table();
                  close();
                }}
              >
                <Table size={14} aria-hidden="true" /> Table (CSV)
              </button>
            </div>
          )}
        </Popover>
      )}
      {!plain && state.kind !== null && state.kind !== "verdict" && (
        <Popover label="Options" icon={<SlidersHorizontal size={14} aria-hidden="true" />}>
          {() => (
            <OptionsForm state={state} options={options} onOptions={onOptions} controller={controller} />
          )}
        </Popover>
      )}
      {!plain && state.kinds.length > 1 && (
        <select
          className="live-kind"
          aria-label="Kind of view"
          value={state.kind ?? ""}
          onChange={(event) => onKind(event.target.value)}
        >
          {state.kinds.map((kind) => (
            <option key={kind} value={kind}>
              {KIND_NAMES[kind]}
            </option>
          ))}
        </select>
      )}
    </span>
  );
}
