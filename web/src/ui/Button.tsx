import type { LucideIcon } from "lucide-react";
import type { ButtonHTMLAttributes, ReactNode } from "react";

interface Common extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "type"> {
  icon?: LucideIcon | undefined;
  /** Keys, for the tip: `Ctrl+Z`. */
  keys?: string | undefined;
}

/** A button with text. */
export function Button({
  kind = "plain",
  icon: Icon,
  keys,
  children,
  className = "",
  ...rest
}: Common & { kind?: "plain" | "primary" | "danger" | "ghost" | "warn"; children: ReactNode }) {
  return (
    <button
      type="button"
      className={`button button-${kind} ${className}`}
      {...tip(undefined, keys)}
      {...rest}
    >
      {Icon && <Icon size={14} aria-hidden="true" />}
      {children}
    </button>
  );
}

/** A button of one icon; its label is read out and stands in the tip. */
export function IconButton({
  icon: Icon,
  label,
  keys,
  size = 16,
  className = "",
  ...rest
}: Common & { icon: LucideIcon; label: string; size?: number }) {
  return (
    <button
      type="button"
      className={`icon-button ${className}`}
      aria-label={label}
      {...tip(label, keys)}
      {...rest}
    >
      <Icon size={size} aria-hidden="true" />
    </button>
  );
}

function tip(label: string | undefined, keys: string | undefined): Record<string, string> {
  const text = [label, keys].filter(Boolean).join("  ");
  const attributes: Record<string, string> = {};
  if (text) attributes["data-tip"] = text;
  if (keys) attributes["aria-keyshortcuts"] = keys.replace("Ctrl", "Control");
  return attributes;
}
