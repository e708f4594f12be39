import { CircleAlert, CircleCheck, Info, X } from "lucide-react";
import { create } from "zustand";
import { IconButton } from "./Button";

export interface Toast {
  id: number;
  kind: "info" | "ok" | "error";
  text: string;
  action?: { label: string; run: () => void };
}

/** Milliseconds that a message stands; an error stands longer. */
const TIME = { info: 5000, ok: 3500, error: 9000 };
const ICONS = { info: Info, ok: CircleCheck, error: CircleAlert };
let next = 1;

const useToasts = create<{ toasts: readonly Toast[] }>(() => ({ toasts: [] }));

export function dismiss(id: number): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((one) => one.id !== id) }));
}

/** Say something in passing. The same text is not shown twice. */
export function toast(kind: Toast["kind"], text: string, action?: Toast["action"]): number {
  const id = next++;
  useToasts.setState(({ toasts }) => ({
    toasts: [
      ...toasts.filter((one) => one.text !== text),
      { id, kind, text, ...(action ? { action } : {}) },
    ].slice(-4),
  }));
  setTimeout(() => dismiss(id), TIME[kind]);
  return id;
}

export function Toasts() {
  const toasts = useToasts((state) => state.toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {toasts.map((one) => {
        const Icon = ICONS[one.kind];
        return (
          <div key={one.id} className={`toast toast-${one.kind}`}>
            <Icon size={16} aria-hidden="true" />
            <span>{one.text}</span>
            {one.action && (
              <button
                type="button"
                className="link-button"
                onClick={() => {
                  one.action?.run();
                  dismiss(one.id);
                }}
              >
                {one.action.label}
              </button>
            )}
            <IconButton icon={X} size={14} label="Dismiss" onClick={() => dismiss(one.id)} />
          </div>
        );
      })}
    </div>
  );
}
