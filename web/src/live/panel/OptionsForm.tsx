import { prettyUnit } from "../plot/units";
import type { PanelController, PanelState } from "./controller";
import { Amount, Check, Choice, Words } from "./fields";
import {
  AVERAGES,
  FFT_SIZES,
  FFT_WINDOWS,
  nextWindow,
  type PanelOptions,
  SCALINGS,
  windowOf,
} from "./options";

interface FormProps {
  state: PanelState;
  options: PanelOptions;
  onOptions: (part: Partial<PanelOptions>) => void;
  controller: PanelController | null;
}

function seconds(value: number): string {
  if (value < 1e-3) return `${Number((value * 1e6).toPrecision(3))} µs`;
  if (value < 1) return `${Number((value * 1e3).toPrecision(3))} ms`;
  return value < 120 ? `${Number(value.toPrecision(3))} s` : `${Number((value / 60).toPrecision(3))} min`;
}

function WindowChoice({ state, options, onOptions }: FormProps) {
  const { kind } = state;
  if (!kind) return null;
  const now = windowOf(kind, options);
  const start = kind === "scope" ? 1e-4 : kind === "strip" ? 0.01 : 5;
  const steps = [start];
  while (steps.length < 24) {
    const next = nextWindow(steps.at(-1) ?? start, 1, kind);
    if (next === steps.at(-1)) break;
    steps.push(next);
  }
  const values = [...new Set([...steps, now])].sort((a, b) => a - b);
  return (
    <Choice
      label="Time shown"
      value={String(now)}
      choices={values.map((value) => [String(value), seconds(value)])}
      onChange={(value) => onOptions({ window: Number(value) })}
    />
  );
}

function RangeY({ state, options, onOptions }: FormProps) {
  const unit = prettyUnit(state.channels[0]?.unit ?? "");
  const [low, high] = options.y ?? [null, null];
  // Both are needed for a range: one alone takes the other's opposite.
  const set = (next: [number | null, number | null]) => {
    const [min, max] = next;
    if (min === null && max === null) return onOptions({ y: null });
    const range: [number, number] = [min ?? -Math.abs(max ?? 1), max ?? Math.abs(min ?? 1)];
    if (range[0] < range[1]) onOptions({ y: range });
  };
  return (
    <>
      <Amount
        label="Y from"
        unit={unit}
        value={low}
        empty="auto"
        onChange={(value) => set([value, value === null ? null : high])}
      />
      <Amount
        label="Y to"
        unit={unit}
        value={high}
        empty="auto"
        onChange={(value) => set([value === null ? null : low, value])}
      />
    </>
  );
}

const SCALING_NAMES: Record<string, string> = {
  rms: "RMS",
  amplitude: "Amplitude (peak)",
  power: "Power",
  psd: "Power density",
};
const WINDOW_NAMES: Record<string, string> = {
  hann: "Hann",
  flattop: "Flat top",
  blackmanharris: "Blackman-Harris",
  rectangular: "Rectangular",
};

function Transform({ options, onOptions }: FormProps) {
  return (
    <>
      <Choice
        label="Points"
        value={String(options.size ?? "")}
        choices={[["", "by itself"], ...FFT_SIZES.map((size) => [String(size), String(size)] as const)]}
        onChange={(value) => onOptions({ size: value ? Number(value) : null })}
      />
      <Choice
        label="Window"
        value={options.fft}
        choices={FFT_WINDOWS.map((name) => [name, WINDOW_NAMES[name] ?? name])}
        onChange={(fft) => onOptions({ fft: fft as PanelOptions["fft"] })}
      />
      <Choice
        label="Scaling"
        value={options.scaling}
        choices={SCALINGS.map((name) => [name, SCALING_NAMES[name] ?? name])}
        onChange={(scaling) => onOptions({ scaling: scaling as PanelOptions["scaling"] })}
      />
    </>
  );
}

function FrequencyScale({ options, onOptions }: FormProps) {
  return (
    <Choice
      label="Frequency"
      value={options.frequency}
      choices={[
        ["log", "Logarithmic"],
        ["linear", "Linear"],
      ]}
      onChange={(value) => onOptions({ frequency: value as PanelOptions["frequency"] })}
    />
  );
}

function StripFields(props: FormProps) {
  const { state, options, onOptions } = props;
  return (
    <>
      <WindowChoice {...props} />
      {state.kind === "strip" && (
        <Choice
          label="Movement"
          value={options.mode}
          choices={[
            ["scroll", "Scroll"],
            ["sweep", "Sweep"],
          ]}
          onChange={(value) => onOptions({ mode: value as PanelOptions["mode"] })}
        />
      )}
      {state.channels.length > 1 && (
        <Choice
          label="Channels"
          value={options.layout}
          choices={[
            ["auto", "By itself"],
            ["stack", "One above the other"],
            ["overlay", "On top of each other"],
          ]}
          onChange={(value) => onOptions({ layout: value as PanelOptions["layout"] })}
        />
      )}
      <RangeY {...props} />
      {state.channels.length > 1 && (
        <Check
          label="A range for each channel"
          value={options.each}
          onChange={(each) => onOptions({ each })}
        />
      )}
    </>
  );
}

function ScopeFields(props: FormProps) {
  const { state, options, onOptions } = props;
  const unit = prettyUnit(state.channels[0]?.unit ?? "");
  return (
    <>
      <Choice
        label="Trigger"
        value={options.trigger}
        choices={[
          ["auto", "Auto"],
          ["normal", "Normal"],
          ["single", "Single"],
        ]}
        onChange={(value) => onOptions({ trigger: value as PanelOptions["trigger"] })}
      />
      {state.channels.length > 1 && (
        <Choice
          label="Source"
          value={options.source ?? state.channels[0]?.name ?? ""}
          choices={state.channels.map(({ name }) => [name, name])}
          onChange={(source) => onOptions({ source })}
        />
      )}
      <Choice
        label="Slope"
        value={options.slope}
        choices={[
          ["rising", "Rising"],
          ["falling", "Falling"],
        ]}
        onChange={(value) => onOptions({ slope: value as PanelOptions["slope"] })}
      />
      <Amount
        label="Level"
        unit={unit}
        value={options.level}
        onChange={(level) => onOptions({ level: level ?? 0 })}
      />
      <Amount
        label="Hysteresis"
        unit={unit}
        value={options.hysteresis}
        onChange={(value) => value !== null && value >= 0 && onOptions({ hysteresis: value })}
      />
      <Amount
        label="Before trigger"
        unit="%"
        value={Math.round(options.pre * 100)}
        onChange={(value) => value !== null && value >= 0 && value <= 100 && onOptions({ pre: value / 100 })}
      />
    </>
  );
}

function SpectrumFields(props: FormProps) {
  const { options, onOptions } = props;
  return (
    <>
      <FrequencyScale {...props} />
      <Check label="Decibels" value={options.decibels} onChange={(decibels) => onOptions({ decibels })} />
      {options.decibels ? (
        <Choice
          label="Span"
          value={String(options.span)}
          choices={[40, 60, 80, 100, 120, 150, 200].map((span) => [String(span), `${span} dB`])}
          onChange={(span) => onOptions({ span: Number(span) })}
        />
      ) : null}
      <RangeY {...props} />
      <Transform {...props} />
      <Choice
        label="Average"
        value={options.average}
        choices={AVERAGES.map((name) => [
          name,
          { none: "None", exponential: "Exponential", max: "Largest" }[name],
        ])}
        onChange={(average) => onOptions({ average: average as PanelOptions["average"] })}
      />
      {options.average === "exponential" && (
        <Amount
          label="Over spectra"
          value={options.count}
          onChange={(count) =>
            count !== null && count >= 1 && count <= 1000 && onOptions({ count: Math.round(count) })
          }
        />
      )}
      <Check label="Peak hold" value={options.hold} onChange={(hold) => onOptions({ hold })} />
      <Check label="Limits" value={options.limits} onChange={(limits) => onOptions({ limits })} />
    </>
  );
}

function WaterfallFields(props: FormProps) {
  const { options, onOptions } = props;
  return (
    <>
      <WindowChoice {...props} />
      <Amount
        label="Darkest"
        unit="dB"
        value={options.floor}
        empty="auto"
        onChange={(floor) => onOptions({ floor })}
      />
      <Amount
        label="Lightest"
        unit="dB"
        value={options.ceiling}
        empty="auto"
        onChange={(ceiling) => onOptions({ ceiling })}
      />
      <Choice
        label="Colours"
        value={options.colours}
        choices={[
          ["heat", "Heat"],
          ["grey", "Grey"],
        ]}
        onChange={(value) => onOptions({ colours: value as PanelOptions["colours"] })}
      />
      <FrequencyScale {...props} />
      <Words
        label="Channel"
        value={options.channel ?? ""}
        empty="the first"
        onChange={(channel) => onOptions({ channel: channel || null })}
      />
      <Transform {...props} />
    </>
  );
}

/** What can be set for the kind that is shown. */
export function OptionsForm(props: FormProps) {
  const { state, options, onOptions, controller } = props;
  const { kind } = state;
  return (
    <div className="live-options">
      {(kind === "strip" || kind === "trend") && <StripFields {...props} />}
      {kind === "scope" && (
        <>
          <StripFields {...props} />
          <ScopeFields {...props} />
        </>
      )}
      {kind === "spectrum" && <SpectrumFields {...props} />}
      {kind === "waterfall" && <WaterfallFields {...props} />}
      {kind === "levels" && (
        <Choice
          label="Time constant"
          value={String(options.timeConstant)}
          choices={[
            ["0.035", "Impulse 35 ms"],
            ["0.125", "Fast 125 ms"],
            ["1", "Slow 1 s"],
          ]}
          onChange={(value) => onOptions({ timeConstant: Number(value) })}
        />
      )}
      {kind === "scalar" && <p className="live-hint">A number has nothing to set.</p>}
      {state.cursors && (
        <Check
          label="Cursors go to peaks"
          value={controller?.cursors.snap ?? false}
          onChange={(snap) => controller?.snap(snap)}
        />
      )}
    </div>
  );
}
