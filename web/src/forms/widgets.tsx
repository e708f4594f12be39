/** Widgets of one value each: number, text, unit, choice, switch. What is typed is handed on as soon as it is a value. */
import { type KeyboardEvent, useCallback, useEffect, useId, useRef, useState } from "react";
import type { Json } from "../api/types";
import type { Bounds } from "./kinds";
import { numberText, parseNumber, step } from "./number";

export interface WidgetProps {
  id: string;
  /** What the document has; undefined: nothing, so the default holds. */
  value: Json | undefined;
  /** What holds when nothing is set. */
  initial: Json | undefined;
  unit: string;
  invalid: boolean;
  describedBy: string;
  onChange: (value: Json | undefined) => void;
  /** What is typed is no value (null: it is one again). */
  onWrong: (message: string | null) => void;
}

const aria = ({ id, invalid, describedBy }: WidgetProps) => ({
  id,
  "aria-invalid": invalid || undefined,
  "aria-describedby": describedBy || undefined,
});

/**
 * Text that follows the document, except for what is being typed: the echo of `1k` is 1000 and does not replace it, but what
 * somebody else sets afterwards does.
 */
export function useDraft(
  outside: string,
): [string, (text: string) => void, { onFocus: () => void; onBlur: () => void }] {
  const [text, setText] = useState(outside);
  const [seen, setSeen] = useState(outside);
  const [typed, setTyped] = useState(false);
  if (outside !== seen) {
    setSeen(outside);
    setTyped(false);
    if (!typed) setText(outside);
  }
  const type = (next: string) => {
    setText(next);
    setTyped(true);
  };
  const settle = () => {
    setTyped(false);
    setText(outside);
  };
  return [text, type, { onFocus: () => undefined, onBlur: settle }];
}

/** Milliseconds without a key after which what was typed counts: `4` and `44` on the way to 440 are nothing to be run. */
const TYPING = 350;

const unfinished = new Set<() => void>();

/** What is being typed counts now: before Run, Save and the like. */
export function finishTyping(): void {
  for (const flush of [...unfinished]) flush();
}

/** Hand on what is typed after a pause, or at once by `flush` (Enter, leaving the field). */
export function usePause(): { later: (action: () => void) => void; flush: () => void } {
  const waiting = useRef<{ action: () => void; timer: ReturnType<typeof setTimeout> } | null>(null);
  const flush = useCallback(() => {
    const one = waiting.current;
    waiting.current = null;
    unfinished.delete(flush);
    if (!one) return;
    clearTimeout(one.timer);
    one.action();
  }, []);
  const later = useCallback(
    (action: () => void) => {
      if (waiting.current) clearTimeout(waiting.current.timer);
      waiting.current = { action, timer: setTimeout(flush, TYPING) };
      unfinished.add(flush);
    },
    [flush],
  );
  useEffect(() => flush, [flush]);
  return { later, flush };
}

export function placeholderOf(initial: Json | undefined, otherwise: string): string {
  if (typeof initial === "number") return numberText(initial);
  if (typeof initial === "string" && initial !== "") return initial;
  if (Array.isArray(initial) && initial.length > 0) return initial.join(", ");
  return otherwise;
}

export function NumberWidget(props: WidgetProps & { integer: boolean; bounds: Bounds; nullable: boolean }) {
  const { value, initial, unit, integer, bounds, nullable, onChange, onWrong } = props;
  const shown =
    typeof value === "number"
      ? numberText(value)
      : value === undefined || value === null
        ? ""
        : String(value);
  const [text, setText, focus] = useDraft(shown);
  const now = typeof value === "number" ? value : typeof initial === "number" ? initial : 0;

  const { later, flush } = usePause();
  const take = (typed: string) => {
    const number = parseNumber(typed, unit);
    onWrong(typed.trim() !== "" && number === null ? "is no number" : null);
    if (typed.trim() === "")
      onChange(nullable && initial !== null && initial !== undefined ? null : undefined);
    else if (number !== null && number !== value) onChange(number);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") flush();
    const direction = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    if (!direction) return;
    event.preventDefault();
    flush();
    const from = parseNumber(text, unit) ?? now;
    let next = step(from, direction, { integer, big: event.shiftKey });
    next = Math.max(bounds.minimum ?? next, Math.min(bounds.maximum ?? next, next));
    if (bounds.exclusiveMinimum !== undefined && next <= bounds.exclusiveMinimum) next = from;
    setText(numberText(next));
    onWrong(null);
    onChange(next);
  };
  return (
    <span className="field-input" data-unit={unit !== ""}>
      <input
        {...aria(props)}
        {...focus}
        role="spinbutton"
        aria-valuenow={now}
        aria-valuetext={unit ? `${now} ${unit}` : undefined}
        inputMode="decimal"
        autoComplete="off"
        spellCheck={false}
        value={text}
        placeholder={placeholderOf(initial, nullable ? "not set" : "required")}
        onChange={(event) => {
          const typed = event.target.value;
          setText(typed);
          later(() => take(typed));
        }}
        onKeyDown={onKeyDown}
        onBlur={() => {
          flush();
          focus.onBlur();
          onWrong(null);
        }}
      />
      {unit && <span className="field-unit">{unit}</span>}
    </span>
  );
}

export function TextWidget(props: WidgetProps & { nullable: boolean; suggestions?: readonly string[] }) {
  const { value, initial, nullable, suggestions, onChange } = props;
  const list = useId();
  const [text, setText, focus] = useDraft(typeof value === "string" ? value : "");
  const type = (typed: string) => {
    setText(typed);
    if (typed !== "") onChange(typed);
    else onChange(nullable || initial === "" || initial === undefined ? undefined : "");
  };
  return (
    <span className="field-input">
      <input
        {...aria(props)}
        {...focus}
        type="text"
        autoComplete="off"
        spellCheck={false}
        list={suggestions ? list : undefined}
        value={text}
        placeholder={placeholderOf(initial, nullable || initial === "" ? "not set" : "required")}
        onChange={(event) => type(event.target.value)}
      />
      {suggestions && (
        <datalist id={list}>
          {suggestions.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </span>
  );
}

export function LongTextWidget(props: WidgetProps) {
  const { value, onChange } = props;
  const [text, setText, focus] = useDraft(typeof value === "string" ? value : "");
  return (
    <textarea
      {...aria(props)}
      {...focus}
      className="field-long"
      rows={Math.min(8, Math.max(2, Math.ceil(text.length / 30)))}
      value={text}
      placeholder="not set"
      onChange={(event) => {
        setText(event.target.value);
        onChange(event.target.value || undefined);
      }}
    />
  );
}

/** Text of an option as it stands in a list: words for values of code. */
const optionText = (option: Json): string =>
  typeof option === "boolean" ? (option ? "on" : "off") : String(option);

export function ChoiceWidget(props: WidgetProps & { options: readonly Json[]; nullable: boolean }) {
  const { value, initial, options, nullable, onChange } = props;
  const now = value === undefined ? initial : value;
  const index = options.indexOf(now ?? null);
  return (
    <span className="field-input field-select">
      <select
        {...aria(props)}
        data-default={value === undefined}
        value={index >= 0 ? index : now === null || now === undefined ? "" : "other"}
        onChange={(event) => {
          const chosen = event.target.value === "" ? null : (options[Number(event.target.value)] ?? null);
          onChange(chosen === initial ? undefined : chosen);
        }}
      >
        {(nullable || now === undefined) && <option value="">not set</option>}
        {index < 0 && now !== null && now !== undefined && <option value="other">{String(now)}</option>}
        {options.map((option, n) => (
          <option key={String(option)} value={n}>
            {optionText(option)}
          </option>
        ))}
      </select>
    </span>
  );
}

export function SwitchWidget(props: WidgetProps) {
  const { value, initial, onChange } = props;
  const on = (value === undefined ? initial : value) === true;
  return (
    <button
      {...aria(props)}
      type="button"
      className="switch"
      role="switch"
      aria-checked={on}
      onClick={() => onChange(!on === (initial ?? false) ? undefined : !on)}
    >
      <span className="switch-knob" />
    </button>
  );
}

/** For what no other widget knows: the value as JSON. */
export function JsonWidget(props: WidgetProps) {
  const { value, initial, onChange, onWrong } = props;
  const outside = value === undefined ? "" : JSON.stringify(value, null, 1);
  const [text, setText, focus] = useDraft(outside);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the document changed under the field
  useEffect(() => onWrong(null), [outside]);
  return (
    <textarea
      {...aria(props)}
      {...focus}
      className="field-json"
      rows={Math.min(8, Math.max(2, text.split("\n").length))}
      spellCheck={false}
      value={text}
      placeholder={initial === undefined ? "JSON" : JSON.stringify(initial)}
      onChange={(event) => {
        const typed = event.target.value;
        setText(typed);
        if (typed.trim() === "") {
          onWrong(null);
          onChange(undefined);
          return;
        }
        try {
          onChange(JSON.parse(typed) as Json);
          onWrong(null);
        } catch (error) {
          onWrong(`is no JSON: ${(error as Error).message}`);
        }
      }}
    />
  );
}
