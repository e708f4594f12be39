import { lazy, Suspense, useEffect, useState } from "react";
import "./diagnostics.css";

const Overlay = lazy(() => import("./Overlay"));

/** Shift-D shows how well the page keeps up. */
export function Diagnostics() {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof HTMLElement &&
        event.target.closest("input, textarea, select, [contenteditable]");
      if (event.key !== "D" || !event.shiftKey || event.ctrlKey || event.metaKey || event.altKey || typing)
        return;
      setOpen((now) => !now);
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  if (!open) return null;
  return (
    <Suspense fallback={null}>
      <Overlay onClose={() => setOpen(false)} />
    </Suspense>
  );
}
