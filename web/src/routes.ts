/**
 * The page's places, kept in the fragment: the server knows only `/`.
 *
 * `#/` home, `#/edit/line1/hum.json` the editor (`#/edit` a new graph), `#/dashboard/p1` or `#/dashboard/line1/hum.json`
 * the dashboard.
 */
import { useSyncExternalStore } from "react";

export type Route =
  | { page: "home" }
  | { page: "edit"; path: string | null }
  | { page: "dashboard"; target: string | null };

function parts(rest: string): string | null {
  try {
    return rest.split("/").map(decodeURIComponent).join("/") || null;
  } catch {
    return null;
  }
}

export function parseRoute(fragment: string): Route {
  const [, page = "", rest = ""] = /^#\/([^/]*)\/?(.*)$/.exec(fragment) ?? [];
  if (page === "edit") return { page, path: parts(rest) };
  if (page === "dashboard") return { page, target: parts(rest) };
  return { page: "home" };
}

/** A path in the project, percent-encoded part by part, as the API and the fragment have it. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

export function routeHref(route: Route): string {
  if (route.page === "edit") return route.path ? `#/edit/${encodePath(route.path)}` : "#/edit";
  if (route.page === "dashboard")
    return route.target ? `#/dashboard/${encodePath(route.target)}` : "#/dashboard";
  return "#/";
}

export function navigate(route: Route, options: { replace?: boolean } = {}): void {
  const href = routeHref(route);
  if (options.replace) {
    history.replaceState(null, "", href);
    dispatchEvent(new HashChangeEvent("hashchange"));
  } else location.hash = href;
}

function subscribe(listener: () => void): () => void {
  addEventListener("hashchange", listener);
  return () => removeEventListener("hashchange", listener);
}

export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(subscribe, () => location.hash));
}
