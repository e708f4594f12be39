import { RotateCcw, Zap } from "lucide-react";
import { memo, useId, useState } from "react";
import type { Json, Schema } from "../api/types";
import { boundsText, checkValue } from "./check";
import { kindOf, labelOf, unitOf } from "./kinds";
import { ChoicesWidget, MapWidget, NamesWidget, NumbersWidget, PairsWidget } from "./listWidgets";
import { PathWidget } from "./PathWidget";
import {
  ChoiceWidget,
  JsonWidget,
  LongTextWidget,
  NumberWidget,
  SwitchWidget,
  TextWidget,
  type WidgetProps,
} from "./widgets";

export interface FieldProps {
  name: string;
  schema: Schema;
  value: Json | undefined;
  /** What the server says of it. */
  problem: string | null;
  required: boolean;
  /** Id of the input, for labels and for jumping to it. */
  id: string;
  channels: readonly string[];
  /** It runs: live parameters take effect at once, others with the next Apply. */
  running: boolean;
  onChange: (name: string, value: Json | undefined) => void;
}

const UNITS = ["Pa", "V", "mV", "m/s2", "g", "m/s", "mm/s", "mm", "um", "N", "degC", "K", "A", "1"];

/** One parameter: name, widget with unit, and under it what it is (while it is edited) and what is wrong. */
export const Field = memo(function Field(props: FieldProps) {
  const { name, schema, value, problem, required, id, running, onChange } = props;
  const [typed, setTyped] = useState<string | null>(null);
  const noteId = useId();
  const live = schema["x-live"] === true;
  const kind = kindOf(name, schema);
  const unit = unitOf(schema);
  const local = value === undefined ? null : checkValue(name, schema, value);
  const missing = required && value === undefined ? "needs a value" : null;
  const wrong = typed ?? problem ?? local ?? missing;
  const bounds = kind.kind === "number" || kind.kind === "numbers" ? boundsText(kind.bounds, unit) : "";
  const note = [schema.description, bounds && `(${bounds})`].filter(Boolean).join(" ");
  const tall =
    ["names", "choices", "pairs", "map", "json"].includes(kind.kind) || (kind.kind === "text" && kind.long);
  return (
    <div className="field" data-set={value !== undefined} data-tall={tall} data-field={name}>
      <label className="field-label" htmlFor={id} title={note}>
        <span>{labelOf(name)}</span>
        {live && (
          <Zap
            className="field-live"
            size={12}
            role="img"
            aria-label={running ? "takes effect while it runs" : "may change while it runs"}
          />
        )}
      </label>
      <Widget {...props} onWrong={setTyped} invalid={wrong !== null} describedBy={noteId} unit={unit} />
      {value !== undefined && !required ? (
        <button
          type="button"
          className="field-reset"
          aria-label={`${labelOf(name)}: back to the default`}
          data-tip="Back to the default"
          onClick={() => {
            setTyped(null);
            onChange(name, undefined);
          }}
        >
          <RotateCcw size={12} aria-hidden="true" />
        </button>
      ) : (
        <span />
      )}
      <div className="field-note" id={noteId}>
        {wrong !== null && (
          <p className="field-wrong" role="alert">
            {wrong}
          </p>
        )}
        <p className="field-about">{note}</p>
      </div>
    </div>
  );
});

function Widget(
  props: FieldProps & {
    onWrong: WidgetProps["onWrong"];
    invalid: boolean;
    describedBy: string;
    unit: string;
  },
) {
  const { name, schema, value, id, channels, unit, invalid, describedBy, onWrong, onChange } = props;
  const kind = kindOf(name, schema);
  const label = labelOf(name);
  const common: WidgetProps = {
    id,
    value,
    initial: schema.default,
    unit,
    invalid,
    describedBy,
    onWrong,
    onChange: (next) => onChange(name, next),
  };
  switch (kind.kind) {
    case "number":
      return (
        <NumberWidget {...common} integer={kind.integer} bounds={kind.bounds} nullable={kind.nullable} />
      );
    case "text":
      return kind.long ? <LongTextWidget {...common} /> : <TextWidget {...common} nullable={kind.nullable} />;
    case "unit":
      return <TextWidget {...common} nullable={kind.nullable} suggestions={UNITS} />;
    case "path":
      return <PathWidget {...common} role={kind.role} />;
    case "choice":
      return <ChoiceWidget {...common} options={kind.options} nullable={kind.nullable} />;
    case "switch":
      return <SwitchWidget {...common} />;
    case "names":
      return <NamesWidget {...common} suggestions={channels} />;
    case "numbers":
      return <NumbersWidget {...common} />;
    case "choices":
      return <ChoicesWidget {...common} options={kind.options} label={label} />;
    case "pairs":
      return <PairsWidget {...common} label={label} />;
    case "map":
      return <MapWidget {...common} label={label} />;
    default:
      return <JsonWidget {...common} />;
  }
}
