import { type KeyboardEvent, type ReactNode, useId } from "react";

export interface Tab {
  id: string;
  label: ReactNode;
  panel: ReactNode;
}

/** Tabs with their panel; arrows go from tab to tab. `aside` stands at the right of the bar. */
export function Tabs({
  label,
  tabs,
  active,
  onChange,
  aside,
}: {
  label: string;
  tabs: readonly Tab[];
  active: string;
  onChange: (id: string) => void;
  aside?: ReactNode;
}) {
  const id = useId();
  const shown = tabs.find((tab) => tab.id === active) ?? tabs[0];
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: tabs.length - 1 }[event.key];
    if (step === undefined || !shown) return;
    event.preventDefault();
    const to = tabs[(tabs.indexOf(shown) + step) % tabs.length];
    if (!to) return;
    onChange(to.id);
    document.getElementById(`${id}-${to.id}`)?.focus();
  };
  return (
    <div className="tabs">
      <div className="tabs-bar">
        <div className="tabs-list" role="tablist" aria-label={label} onKeyDown={onKeyDown} tabIndex={-1}>
          {tabs.map((tab) => (
            <button
              key={tab.id}
              id={`${id}-${tab.id}`}
              type="button"
              role="tab"
              className="tab"
              aria-selected={tab === shown}
              aria-controls={`${id}-panel`}
              tabIndex={tab === shown ? 0 : -1}
              onClick={() => onChange(tab.id)}
            >
              {tab.label}
            </button>
          ))}
        </div>
        {aside}
      </div>
      <div
        className="tabs-panel"
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={shown ? `${id}-${shown.id}` : undefined}
      >
        {shown?.panel}
      </div>
    </div>
  );
}
