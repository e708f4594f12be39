import { type ReactNode, useCallback, useEffect, useId, useRef, useState } from "react";
import { onThemeChange } from "../../theme/colors";
import "./live.css";
import { PanelController, WAITING } from "./controller";
import { useJudgement } from "./judgement";
import { isPanelKind, KIND_NAMES, type PanelKind } from "./kinds";
import { Legend } from "./Legend";
import { DEFAULTS, type PanelOptions, readOptions } from "./options";
import { PanelTools } from "./PanelTools";
import { VerdictLamp } from "./VerdictLamp";

export interface LivePanelProps {
  /** Id of the pipeline. */
  pipeline: string;
  /** The output that is shown: `node.port`. */
  edge: string;
  /** What to draw; by what the edge carries when it is not given. */
  kind?: PanelKind | "auto";
  /** Options to begin with, or, with `onOptions`, the options. */
  options?: Partial<PanelOptions>;
  title?: string;
  onKind?: (kind: PanelKind) => void;
  onOptions?: (options: PanelOptions) => void;
  /** More tools, before the panel's own. */
  actions?: ReactNode;
  /** Nothing can be set: only cursors, freeze and export are left. */
  plain?: boolean;
}

/** A live view of what flows along an edge, with its tools. */
export function LivePanel({
  pipeline,
  edge,
  kind = "auto",
  options,
  title,
  onKind,
  onOptions,
  plain,
  actions,
}: LivePanelProps) {
  const host = useRef<HTMLDivElement>(null);
  const summary = useRef<HTMLParagraphElement>(null);
  const time = useRef<HTMLSpanElement>(null);
  const [controller, setController] = useState<PanelController | null>(null);
  const [state, setState] = useState(WAITING);
  const [chosen, setChosen] = useState<PanelKind | null>(null);
  const [own, setOwn] = useState<PanelOptions | null>(null);
  const [focused, setFocused] = useState(false);
  const summaryId = useId();
  const { judges, limits, verdict } = useJudgement(pipeline, edge);

  const shownKind = onKind ? kind : (chosen ?? kind);
  const shownOptions = onOptions ? readOptions(options) : (own ?? { ...DEFAULTS, ...options });
  const latest = useRef({ options: shownOptions, onOptions });
  latest.current = { options: shownOptions, onOptions };

  const change = useCallback((part: Partial<PanelOptions>) => {
    const next = { ...latest.current.options, ...part };
    if (latest.current.onOptions) latest.current.onOptions(next);
    else setOwn(next);
  }, []);
  const changeKind = (next: string) => {
    if (!isPanelKind(next)) return;
    if (onKind) onKind(next);
    else setChosen(next);
  };

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const made = new PanelController(element, {
      state: setState,
      options: change,
      summary: (text) => {
        if (summary.current) summary.current.textContent = text;
      },
      clock: (text) => {
        if (time.current) time.current.textContent = text;
      },
    });
    setController(made);
    const redraw = () => made.invalidate();
    const endTheme = onThemeChange(redraw);
    // Canvases have no font until it is loaded.
    void document.fonts?.ready.then(redraw);
    const seen = new IntersectionObserver((entries) => made.appear(entries.at(-1)?.isIntersecting ?? true));
    seen.observe(element);
    return () => {
      seen.disconnect();
      endTheme();
      made.destroy();
      setController(null);
      setState(WAITING);
    };
  }, [change]);

  const settings = JSON.stringify([shownOptions, limits]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: settings stands for what is in it
  useEffect(() => {
    controller?.show({ pipeline, edge, kind: shownKind, options: shownOptions, judges, limits });
  }, [controller, pipeline, edge, shownKind, settings, judges]);

  const name = title ?? edge.replace(/\.out$/, "");
  const lamp = state.kind === "verdict";
  return (
    <figure
      className="live-panel"
      aria-label={`${name}, ${state.kind ? KIND_NAMES[state.kind] : "live view"}`}
    >
      <header className="live-head">
        <span className="live-title" title={edge}>
          {name}
        </span>
        {!lamp && (
          <Legend
            channels={state.channels}
            hidden={shownOptions.hidden}
            kind={state.kind}
            onHidden={plain ? undefined : (hidden) => change({ hidden })}
          />
        )}
        <span className="live-clock" ref={time} aria-hidden="true" />
        {state.clipped && <span className="live-flag">Over range</span>}
        {state.phase === "ended" && <span className="live-flag live-flag-quiet">Ended</span>}
        {actions}
        <PanelTools
          controller={controller}
          state={state}
          name={name}
          options={shownOptions}
          plain={plain ?? false}
          onKind={changeKind}
          onOptions={change}
        />
      </header>
      {/* biome-ignore lint/a11y/useSemanticElements: a plot is no fieldset */}
      <div
        className="live-body"
        ref={host}
        hidden={lamp}
        role="group"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys move cursors and zoom, as the label says
        tabIndex={0}
        aria-label={`Plot of ${name}. C: cursors, F: freeze, arrows: move a cursor, plus and minus: zoom, 0: everything.`}
        aria-describedby={summaryId}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
      />
      {lamp && <VerdictLamp verdict={verdict} />}
      {state.phase === "waiting" && !lamp && <p className="live-note">Waiting for samples</p>}
      {state.phase === "error" && (
        <p className="live-note live-note-error" role="status">
          {state.message}
        </p>
      )}
      <p className="sr-only" id={summaryId} ref={summary} aria-live={focused ? "polite" : "off"} />
    </figure>
  );
}
