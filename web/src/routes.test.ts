import { describe, expect, it } from "vitest";
import { parseRoute, routeHref } from "./routes";

describe("routes", () => {
  it("reads and writes paths with characters that need quoting", () => {
    const route = { page: "edit", path: "line 1/größe #2%.json" } as const;
    expect(parseRoute(routeHref(route))).toEqual(route);
    expect(routeHref(route)).toBe("#/edit/line%201/gr%C3%B6%C3%9Fe%20%232%25.json");
  });

  it("takes what it does not know as home", () => {
    for (const fragment of ["", "#", "#/", "#/nowhere/x", "#edit"])
      expect(parseRoute(fragment)).toEqual({ page: "home" });
    expect(parseRoute("#/edit/")).toEqual({ page: "edit", path: null });
    expect(parseRoute("#/edit/%E0%A4%A")).toEqual({ page: "edit", path: null });
    expect(parseRoute("#/dashboard/p1")).toEqual({ page: "dashboard", target: "p1" });
  });
});
