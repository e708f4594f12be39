import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { IconButton } from "./Button";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** Buttons at the bottom. */
  actions?: ReactNode;
  wide?: boolean;
  /** Without the line of title (which is read out all the same). */
  bare?: boolean;
}

/** A modal dialog: the browser keeps the focus in it and gives it back. Escape, the cross and a click beside it close it. */
export function Dialog({ title, onClose, children, actions, wide = false, bare = false }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    // Where typing begins, instead of the cross that closes it.
    (dialog?.querySelector<HTMLElement>("[data-first], [role=combobox]") ?? dialog)?.focus();
    return () => dialog?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same, by the dialog's own cancel event
    <dialog
      ref={ref}
      tabIndex={-1}
      className={`dialog ${wide ? "dialog-wide" : ""} ${bare ? "dialog-bare" : ""}`}
      aria-labelledby={bare ? undefined : id}
      aria-label={bare ? title : undefined}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      {!bare && (
        <header className="dialog-head">
          <h2 id={id}>{title}</h2>
          <IconButton icon={X} label="Close" onClick={onClose} />
        </header>
      )}
      <div className="dialog-body">{children}</div>
      {actions && <footer className="dialog-foot">{actions}</footer>}
    </dialog>
  );
}
