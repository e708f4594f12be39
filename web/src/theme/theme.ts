/** Light, dark or as the system has it: kept in localStorage, set on the root element. */
import { create } from "zustand";

export type Theme = "system" | "light" | "dark";

const KEY = "streamlab.theme";
const THEMES: readonly Theme[] = ["system", "light", "dark"];

function stored(): Theme {
  const value = localStorage.getItem(KEY);
  return THEMES.find((theme) => theme === value) ?? "system";
}

function show(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

interface ThemeState {
  theme: Theme;
  setTheme: (theme: Theme) => void;
}

export const useTheme = create<ThemeState>((set) => ({
  theme: stored(),
  setTheme: (theme) => {
    localStorage.setItem(KEY, theme);
    show(theme);
    set({ theme });
  },
}));

/** Before the first drawing, so that the page never flashes in the other theme. */
export function startTheme(): void {
  show(useTheme.getState().theme);
}
