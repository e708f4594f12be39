/** The fields of a panel's options. */
import { useId, useState } from "react";

type Choices = readonly (readonly [value: string, label: string])[];

export function Choice({
  label,
  value,
  choices,
  onChange,
}: {
  label: string;
  value: string;
  choices: Choices;
  onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <div className="live-field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
        {choices.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

export function Check({
  label,
  value,
  onChange,
}: {
  label: string;
  value: boolean;
  onChange: (value: boolean) => void;
}) {
  return (
    <label className="live-check">
      <input type="checkbox" checked={value} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  );
}

/** A number that is taken over when it is one; empty is null where that means "by itself". */
export function Amount({
  label,
  unit,
  value,
  empty,
  onChange,
}: {
  label: string;
  unit?: string;
  value: number | null;
  empty?: string;
  onChange: (value: number | null) => void;
}) {
  const id = useId();
  const [text, setText] = useState<string | null>(null);
  const commit = () => {
    if (text === null) return;
    const number = Number(text.replace(",", ".").replace("−", "-"));
    if (text.trim() === "" && empty !== undefined) onChange(null);
    else if (text.trim() !== "" && Number.isFinite(number)) onChange(number);
    setText(null);
  };
  return (
    <div className="live-field">
      <label htmlFor={id}>{unit ? `${label} [${unit}]` : label}</label>
      <input
        id={id}
        inputMode="decimal"
        value={text ?? (value === null ? "" : String(value))}
        placeholder={empty}
        onChange={(event) => setText(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === "Enter" && commit()}
      />
    </div>
  );
}

/** A text that is taken over when it is left. */
export function Words({
  label,
  value,
  empty,
  onChange,
}: {
  label: string;
  value: string;
  empty: string;
  onChange: (value: string) => void;
}) {
  const id = useId();
  const [text, setText] = useState<string | null>(null);
  const commit = () => {
    if (text !== null) onChange(text);
    setText(null);
  };
  return (
    <div className="live-field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        value={text ?? value}
        placeholder={empty}
        onChange={(event) => setText(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === "Enter" && commit()}
      />
    </div>
  );
}
