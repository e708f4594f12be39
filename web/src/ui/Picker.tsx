import type { LucideIcon } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Dialog } from "./Dialog";
import { search } from "./search";

export interface PickerItem {
  id: string;
  label: string;
  /** Beside the label, quieter. */
  detail?: string;
  /** At the right: keys, a unit. */
  side?: ReactNode;
  icon?: LucideIcon;
  /** More to search in. */
  words?: readonly string[];
  /** Why it cannot be chosen: it stays in the list and says so. */
  refused?: string;
}

interface PickerProps {
  title: string;
  placeholder: string;
  items: readonly PickerItem[];
  onPick: (item: PickerItem, how: { shift: boolean }) => void;
  onClose: () => void;
  empty?: string;
  /** What the keys do, at the bottom. */
  hint?: ReactNode;
  onHighlight?: (item: PickerItem | undefined) => void;
}

/** A list to type into: command palette, find, add a node, connect to. All by keyboard, or by mouse. */
export function Picker({
  title,
  placeholder,
  items,
  onPick,
  onClose,
  empty,
  hint,
  onHighlight,
}: PickerProps) {
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const found = useMemo(
    () => search(items, query, (item) => [item.label, item.detail ?? "", ...(item.words ?? [])]),
    [items, query],
  );
  const active = Math.min(at, found.length - 1);

  // biome-ignore lint/correctness/useExhaustiveDependencies: after each drawing with another active row
  useLayoutEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
    onHighlight?.(found[active]);
  }, [active, found]);

  const pick = (item: PickerItem | undefined, shift: boolean) => {
    if (item && item.refused === undefined) onPick(item, { shift });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step !== undefined) setAt(Math.max(0, Math.min(found.length - 1, active + step)));
    else if (event.key === "Enter") pick(found[active], event.shiftKey);
    else return;
    event.preventDefault();
  };

  return (
    <Dialog title={title} onClose={onClose} bare>
      <div className="picker">
        <input
          className="picker-input"
          role="combobox"
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={found[active] ? `${id}-${active}` : undefined}
          aria-label={title}
          placeholder={placeholder}
          spellCheck={false}
          autoComplete="off"
          autoFocus
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
        <div className="picker-list" role="listbox" id={id} ref={list} aria-label={title} tabIndex={-1}>
          {found.map((item, n) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled at the input, which keeps the focus
            <div
              key={item.id}
              id={`${id}-${n}`}
              className="picker-row"
              role="option"
              tabIndex={-1}
              aria-selected={n === active}
              aria-disabled={item.refused !== undefined}
              onPointerMove={() => setAt(n)}
              onClick={(event) => pick(item, event.shiftKey)}
            >
              {item.icon && <item.icon size={15} aria-hidden="true" />}
              <span className="picker-label">{item.label}</span>
              <span className="picker-detail">{item.refused ?? item.detail}</span>
              {item.side !== undefined && <span className="picker-side">{item.side}</span>}
            </div>
          ))}
        </div>
        {found.length === 0 && <p className="picker-empty">{empty ?? "Nothing found"}</p>}
        {hint && <div className="picker-hint">{hint}</div>}
      </div>
    </Dialog>
  );
}
