/** Widgets of several values: names, numbers, choices, pairs (a curve), a table of names. */
import { Plus, X } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import type { Json } from "../api/types";
import { isObject } from "../store/patch";
import { Button, IconButton } from "../ui/Button";
import { numberText, parseNumber } from "./number";
import { placeholderOf, useDraft, type WidgetProps } from "./widgets";

const list = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

/** Names as chips; Enter or a comma ends one, Backspace takes the last one back. */
export function NamesWidget(props: WidgetProps & { suggestions: readonly string[] }) {
  const { id, value, initial, invalid, describedBy, suggestions, onChange } = props;
  const [text, setText] = useState("");
  const names = list(value).map(String);
  const set = (next: string[]) => onChange(next.length > 0 ? next : undefined);
  const add = (typed: string) => {
    const fresh = typed.split(",").map((one) => one.trim());
    const next = [...names, ...fresh.filter((one) => one && !names.includes(one))];
    setText("");
    if (next.length > names.length) set(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if ((event.key === "Enter" || event.key === ",") && text.trim()) {
      event.preventDefault();
      add(text);
    } else if (event.key === "Backspace" && text === "" && names.length > 0) set(names.slice(0, -1));
  };
  return (
    <span className="chips">
      {names.map((name) => (
        <span key={name} className="chip">
          {name}
          <button
            type="button"
            aria-label={`Remove ${name}`}
            onClick={() => set(names.filter((one) => one !== name))}
          >
            <X size={11} aria-hidden="true" />
          </button>
        </span>
      ))}
      <input
        id={id}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy || undefined}
        list={`${id}-names`}
        value={text}
        autoComplete="off"
        spellCheck={false}
        placeholder={names.length > 0 ? "" : placeholderOf(initial, "all")}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={() => add(text)}
      />
      <datalist id={`${id}-names`}>
        {suggestions
          .filter((one) => !names.includes(one))
          .map((one) => (
            <option key={one} value={one} />
          ))}
      </datalist>
    </span>
  );
}

/** Numbers with commas, semicolons or spaces between them. */
export function NumbersWidget(props: WidgetProps) {
  const { id, value, initial, unit, invalid, describedBy, onChange, onWrong } = props;
  const [text, setText, focus] = useDraft(list(value).join(", "));
  const type = (typed: string) => {
    setText(typed);
    const parts = typed.split(/[;\s]+|,\s*/).filter(Boolean);
    const numbers = parts.map((one) => parseNumber(one));
    const wrong = numbers.indexOf(null);
    if (wrong >= 0) return onWrong(`'${parts[wrong]}' is no number`);
    onWrong(null);
    onChange(parts.length > 0 ? (numbers as number[]) : undefined);
  };
  return (
    <span className="field-input" data-unit={unit !== ""}>
      <input
        id={id}
        {...focus}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy || undefined}
        autoComplete="off"
        spellCheck={false}
        value={text}
        placeholder={placeholderOf(initial, "not set")}
        onChange={(event) => type(event.target.value)}
        onBlur={() => {
          focus.onBlur();
          onWrong(null);
        }}
      />
      {unit && <span className="field-unit">{unit}</span>}
    </span>
  );
}

export function ChoicesWidget(props: WidgetProps & { options: readonly Json[]; label: string }) {
  const { id, value, initial, options, label, describedBy, onChange } = props;
  const chosen = list(value === undefined ? initial : value);
  return (
    <fieldset
      className="choices"
      id={id}
      aria-label={label}
      aria-describedby={describedBy || undefined}
      tabIndex={-1}
    >
      {options.map((option) => {
        const on = chosen.includes(option);
        return (
          <label key={String(option)} className="choice" data-on={on}>
            <input
              type="checkbox"
              className="sr-only"
              checked={on}
              onChange={() => {
                const next = options.filter((one) => (one === option ? !on : chosen.includes(one)));
                const same =
                  next.length === list(initial).length && next.every((one) => list(initial).includes(one));
                onChange(same ? undefined : next);
              }}
            />
            {String(option)}
          </label>
        );
      })}
    </fieldset>
  );
}

/** Rows of two numbers: points of a curve, say frequency and limit. A table from a spreadsheet can be pasted in. */
export function PairsWidget(props: WidgetProps & { label: string }) {
  const { id, value, label, onChange } = props;
  const rows = list(value).map((row) => (Array.isArray(row) ? row : [null, null]));
  const set = (next: Json[][]) => onChange(next.length > 0 ? next : undefined);
  const cell = (row: number, column: number, next: number) =>
    set(rows.map((old, n) => (n === row ? old.map((one, k) => (k === column ? next : one)) : old)));
  const paste = (text: string): boolean => {
    const lines = text.trim().split(/\r?\n/);
    // A comma parts two numbers only where nothing else does: it may be a decimal comma.
    const cut = (line: string) => {
      const parts = line.trim().split(/[\t; ]+/);
      return parts.length > 1 ? parts : line.trim().split(",");
    };
    const numbers = lines.map((line) => cut(line).map((one) => parseNumber(one)));
    if (lines.length < 2 && numbers[0]?.length !== 2) return false;
    if (!numbers.every((row) => row.length === 2 && !row.includes(null))) return false;
    set([...rows, ...(numbers as number[][])]);
    return true;
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows of fields, which a table around it would not describe better
    <div
      className="pairs"
      role="group"
      aria-label={label}
      id={id}
      tabIndex={-1}
      onPaste={(event) => {
        if (paste(event.clipboardData.getData("text/plain"))) event.preventDefault();
      }}
    >
      {rows.map((row, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
        <div className="pairs-row" key={n}>
          {[0, 1].map((column) => (
            <PairCell
              key={column}
              label={`${label}, row ${n + 1}, ${column === 0 ? "first" : "second"} number`}
              value={row[column] ?? null}
              onChange={(next) => cell(n, column, next)}
            />
          ))}
          <IconButton
            icon={X}
            size={13}
            label={`Remove row ${n + 1}`}
            onClick={() => set(rows.filter((_, k) => k !== n))}
          />
        </div>
      ))}
      <Button kind="ghost" icon={Plus} onClick={() => set([...rows, [...(rows.at(-1) ?? [0, 0])]])}>
        Add a point
      </Button>
    </div>
  );
}

function PairCell({
  label,
  value,
  onChange,
}: {
  label: string;
  value: Json;
  onChange: (next: number) => void;
}) {
  const [text, setText, focus] = useDraft(typeof value === "number" ? numberText(value) : "");
  const [wrong, setWrong] = useState(false);
  return (
    <span className="field-input">
      <input
        {...focus}
        aria-label={label}
        aria-invalid={wrong || undefined}
        inputMode="decimal"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          const number = parseNumber(event.target.value);
          setWrong(number === null);
          if (number !== null) onChange(number);
        }}
        onBlur={() => {
          focus.onBlur();
          setWrong(false);
        }}
      />
    </span>
  );
}

/** Old name -> new name. */
export function MapWidget(props: WidgetProps & { label: string }) {
  const { id, value, label, onChange } = props;
  const [key, setKey] = useState("");
  const entries = isObject(value) ? Object.entries(value) : [];
  const set = (next: [string, Json][]) => onChange(next.length > 0 ? Object.fromEntries(next) : undefined);
  const add = () => {
    const name = key.trim();
    if (name && !entries.some(([old]) => old === name)) set([...entries, [name, name]]);
    setKey("");
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows of fields, which a table around it would not describe better
    <div className="pairs" role="group" aria-label={label} id={id} tabIndex={-1}>
      {entries.map(([name, text]) => (
        <div className="pairs-row" key={name}>
          <code>{name}</code>
          <span className="field-input">
            <input
              aria-label={`${label}: ${name}`}
              value={String(text)}
              onChange={(event) =>
                set(entries.map(([old, one]) => [old, old === name ? event.target.value : one]))
              }
            />
          </span>
          <IconButton
            icon={X}
            size={13}
            label={`Remove ${name}`}
            onClick={() => set(entries.filter(([old]) => old !== name))}
          />
        </div>
      ))}
      <div className="pairs-row">
        <span className="field-input">
          <input
            aria-label={`${label}: name to add`}
            placeholder="name"
            value={key}
            onChange={(event) => setKey(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter") add();
            }}
          />
        </span>
        <Button kind="ghost" icon={Plus} disabled={!key.trim()} onClick={add}>
          Add
        </Button>
      </div>
    </div>
  );
}
