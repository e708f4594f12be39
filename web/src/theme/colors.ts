/**
 * Design tokens for what is drawn by script (a canvas, a plot).
 *
 * `getPropertyValue("--accent")` would give the text `light-dark(...)`; a probe element's computed colour is resolved.
 */
import { useTheme } from "./theme";

let probe: HTMLElement | undefined;
const cache = new Map<string, string>();

/** The colour of a token, as `rgb(...)`: `themeColor("--series-1")`. */
export function themeColor(token: `--${string}`): string {
  const known = cache.get(token);
  if (known !== undefined) return known;
  if (!probe) {
    probe = document.createElement("span");
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = `var(${token})`;
  const value = getComputedStyle(probe).color;
  cache.set(token, value);
  return value;
}

/** Call `listener` when colours changed (theme chosen, or the system went dark); returns what ends it. */
export function onThemeChange(listener: () => void): () => void {
  const media = matchMedia("(prefers-color-scheme: dark)");
  const changed = () => {
    cache.clear();
    listener();
  };
  const end = useTheme.subscribe(changed);
  media.addEventListener("change", changed);
  return () => {
    end();
    media.removeEventListener("change", changed);
  };
}
