import type { ReactNode } from "react";
import "./ui.css";
import { Logo } from "./Logo";
import { ThemeSwitch } from "./ThemeSwitch";

/** The bar on top of every page: where one is, what the page offers, the theme. */
export function TopBar({ title, children }: { title: ReactNode; children?: ReactNode }) {
  return (
    <header className="topbar">
      <a className="topbar-home" href="#/" aria-label="StreamLab, home">
        <Logo />
      </a>
      <h1 className="topbar-title">{title}</h1>
      <div className="topbar-actions">{children}</div>
      <ThemeSwitch />
    </header>
  );
}
