import { type ReactNode, useEffect, useId, useRef, useState } from "react";

/** A button that shows something beside it, above everything; closed by Escape or by a click elsewhere. */
export function Popover({
  label,
  icon,
  children,
}: {
  label: string;
  icon: ReactNode;
  children: (close: () => void) => ReactNode;
}) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const card = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);

  useEffect(() => {
    const element = card.current;
    if (!element) return;
    const place = () => {
      const from = button.current?.getBoundingClientRect();
      if (!from) return;
      const width = element.offsetWidth;
      const below = innerHeight - from.bottom;
      const top =
        below > element.offsetHeight + 12 || below > from.top
          ? from.bottom + 4
          : from.top - element.offsetHeight - 4;
      element.style.left = `${Math.max(8, Math.min(from.right - width, innerWidth - width - 8))}px`;
      element.style.top = `${Math.max(8, Math.min(top, innerHeight - element.offsetHeight - 8))}px`;
    };
    const toggled = (event: Event) => {
      const shown = (event as ToggleEvent).newState === "open";
      setOpen(shown);
      if (shown) requestAnimationFrame(place);
    };
    element.addEventListener("toggle", toggled);
    return () => element.removeEventListener("toggle", toggled);
  }, []);

  return (
    <>
      <button
        ref={button}
        type="button"
        className="live-tool"
        aria-label={label}
        title={label}
        aria-expanded={open}
        popoverTarget={id}
      >
        {icon}
      </button>
      <div ref={card} id={id} popover="auto" className="live-popover" role="dialog" aria-label={label}>
        {open && children(() => card.current?.hidePopover())}
      </div>
    </>
  );
}
