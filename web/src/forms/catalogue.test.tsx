import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, describe, expect, inject, it, vi } from "vitest";
import type { Json, NodeType, Schema } from "../api/types";
import { checkValue } from "./check";
import { type Kind, kindOf, labelOf, unitOf } from "./kinds";
import { NodeForm } from "./NodeForm";

const TYPES = inject("catalogue");
const PARAMETERS = TYPES.flatMap((type) =>
  Object.entries(type.parameters.properties ?? {}).map(([name, schema]) => ({ type, name, schema })),
);

function form(
  type: NodeType,
  config: Record<string, Json>,
  problems = new Map<string, string>(),
  onChange = vi.fn(),
) {
  render(
    <NodeForm
      type={type}
      config={config}
      problems={problems}
      channels={["mic", "ref"]}
      running={false}
      idPrefix="p"
      onChange={onChange}
    />,
  );
  return onChange;
}

function fieldOf(name: string): HTMLElement {
  const field = document.querySelector<HTMLElement>(`[data-field="${name}"]`);
  if (!field) throw new Error(`no field ${name}`);
  return field;
}

/** A value that the schema forbids, if there is one that a document could have. */
function badValue(kind: Kind): Json | undefined {
  switch (kind.kind) {
    case "number": {
      const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = kind.bounds;
      if (minimum !== undefined) return minimum - Math.max(1, Math.abs(minimum));
      if (exclusiveMinimum !== undefined) return exclusiveMinimum;
      if (maximum !== undefined) return maximum * 2;
      if (exclusiveMaximum !== undefined) return exclusiveMaximum;
      return kind.integer ? 0.5 : "many";
    }
    case "switch":
      return "perhaps";
    case "choice":
      return "nothing of the kind";
    case "text":
    case "unit":
    case "path":
      return 7;
    case "map":
      return [1];
    case "json":
      return undefined;
    default:
      return kind.least > 0 ? [] : 7;
  }
}

afterEach(cleanup);

describe("U13: the form of every registered node type", () => {
  it("knows all types of the catalogue", () => {
    expect(TYPES.length).toBeGreaterThan(40);
    expect(TYPES.map((type) => type.type)).toContain("WavFile"); // needs more than the bare package
    expect(PARAMETERS.length).toBeGreaterThan(200);
  });

  it.each(TYPES.map((type) => [type.type, type] as const))(
    "%s: every parameter has a field with name, unit and a way to edit it",
    (_name, type) => {
      form(type, {});
      for (const [name, schema] of Object.entries(type.parameters.properties ?? {})) {
        const field = fieldOf(name);
        expect(within(field).getByText(labelOf(name))).toBeTruthy();
        expect(field.querySelector("input, select, textarea, button, fieldset")).not.toBeNull();
        if (schema["x-live"]) expect(within(field).getByRole("img", { name: /while it runs/ })).toBeTruthy();
        const unit = unitOf(schema);
        if (unit && kindOf(name, schema).kind === "number") expect(field.textContent).toContain(unit);
        expect(field.querySelector(".field-about")?.textContent).toContain(schema.description ?? "");
      }
    },
  );

  it("edits none of the present parameters as bare JSON", () => {
    const raw = PARAMETERS.filter(({ name, schema }) => kindOf(name, schema).kind === "json");
    expect(raw.map(({ type, name }) => `${type.type}.${name}`)).toEqual([]);
  });

  it("finds nothing wrong with defaults", () => {
    const wrong = PARAMETERS.flatMap(({ type, name, schema }) => {
      if (schema.default === undefined) return [];
      const message = checkValue(name, schema, schema.default);
      return message ? [`${type.type}.${name} = ${JSON.stringify(schema.default)}: ${message}`] : [];
    });
    expect(wrong).toEqual([]);
  });

  it.each(TYPES.map((type) => [type.type, type] as const))(
    "%s: each bad value has its own message at its field, and a good one has none",
    (_name, type) => {
      const properties = Object.entries(type.parameters.properties ?? {});
      const required = new Set(type.parameters.required ?? []);
      // Every second one is bad, then the others: what a neighbour says is seen, too.
      for (const turn of [0, 1]) {
        const bad = new Map(
          properties.flatMap(([name, schema], n) => {
            const value = n % 2 === turn ? badValue(kindOf(name, schema)) : undefined;
            return value === undefined ? [] : [[name, value] as const];
          }),
        );
        form(type, Object.fromEntries(bad));
        for (const [name, schema] of properties) {
          const value = bad.get(name);
          const message = value === undefined ? null : checkValue(name, schema, value);
          expect(value === undefined || message !== null).toBe(true);
          const alert = within(fieldOf(name)).queryByRole("alert")?.textContent;
          expect(alert, name).toBe(message ?? (required.has(name) ? "needs a value" : undefined));
        }
        cleanup();
      }
    },
  );

  it.each(TYPES.map((type) => [type.type, type] as const))(
    "%s: what the server says stands at its field",
    (_name, type) => {
      const names = Object.keys(type.parameters.properties ?? {});
      form(type, {}, new Map(names.map((name) => [name, `the server on ${name}`])));
      for (const name of names)
        expect(within(fieldOf(name)).getByRole("alert").textContent).toBe(`the server on ${name}`);
    },
  );

  it("says what is missing", () => {
    const required = TYPES.flatMap((type) =>
      (type.parameters.required ?? []).map((name) => ({ type, name })),
    );
    expect(required.length).toBeGreaterThan(3);
    for (const { type, name } of required) {
      form(type, {});
      expect(within(fieldOf(name)).getByRole("alert").textContent).toBe("needs a value");
      cleanup();
    }
  });

  it("hands on what is typed, for every number", () => {
    for (const type of TYPES) {
      const onChange = form(type, {});
      for (const [name, schema] of Object.entries(type.parameters.properties ?? {})) {
        if (kindOf(name, schema).kind !== "number") continue;
        const input = within(fieldOf(name)).getByRole("spinbutton");
        fireEvent.change(input, { target: { value: "1.5k" } });
        fireEvent.blur(input);
        expect(onChange, `${type.type}.${name}`).toHaveBeenLastCalledWith(name, 1500);
      }
      cleanup();
    }
  });

  it("hands on every choice, and nothing when the default is chosen again", () => {
    for (const type of TYPES) {
      const choices = Object.entries(type.parameters.properties ?? {}).flatMap(([name, schema]) => {
        const kind = kindOf(name, schema);
        return kind.kind === "choice" ? [{ name, schema, options: kind.options }] : [];
      });
      if (choices.length === 0) continue;
      const onChange = form(type, Object.fromEntries(choices.map(({ name }) => [name, "another"])));
      for (const { name, schema, options } of choices)
        for (const [n, option] of options.entries()) {
          fireEvent.change(within(fieldOf(name)).getByRole("combobox"), { target: { value: String(n) } });
          expect(onChange).toHaveBeenLastCalledWith(name, option === schema.default ? undefined : option);
        }
      cleanup();
    }
  });
});

describe("a schema of another kind", () => {
  const odd: Schema = { anyOf: [{ type: "string" }, { type: "array", items: {} }], default: null };
  const type: NodeType = {
    ...(TYPES[0] as NodeType),
    type: "Odd",
    parameters: { type: "object", properties: { odd }, required: [] },
  };

  it("is edited as JSON, with what is wrong with the text", () => {
    const onChange = form(type, {});
    const input = screen.getByRole("textbox");
    fireEvent.change(input, { target: { value: "[1, {" } });
    expect(onChange).not.toHaveBeenCalled();
    expect(within(fieldOf("odd")).getByRole("alert").textContent).toMatch(/^is no JSON/);
    fireEvent.change(input, { target: { value: '[1, {"a": null}]' } });
    expect(onChange).toHaveBeenLastCalledWith("odd", [1, { a: null }]);
    expect(within(fieldOf("odd")).queryByRole("alert")).toBeNull();
  });

  it("keeps a parameter that the type does not have, and says so", () => {
    const onChange = form(type, { vanished: { deep: 1 } });
    expect(within(fieldOf("vanished")).getByRole("alert").textContent).toBe("Odd has no such parameter");
    fireEvent.click(within(fieldOf("vanished")).getByRole("button", { name: /back to the default/ }));
    expect(onChange).toHaveBeenCalledWith("vanished", undefined);
  });
});

describe("lists", () => {
  const withList = (schema: Schema) => ({
    ...(TYPES[0] as NodeType),
    parameters: { type: "object", properties: { list: schema } },
  });
  const names = withList({ type: "array", items: { type: "string" }, default: ["main_channel"] });

  it("take names one by one or with commas, and give them back", () => {
    const onChange = form(names, { list: ["a"] });
    const input = within(fieldOf("list")).getByRole("combobox");
    fireEvent.change(input, { target: { value: "b, c , a" } });
    fireEvent.keyDown(input, { key: "Enter" });
    expect(onChange).toHaveBeenLastCalledWith("list", ["a", "b", "c"]);
    fireEvent.click(within(fieldOf("list")).getByRole("button", { name: "Remove a" }));
    expect(onChange).toHaveBeenLastCalledWith("list", undefined);
  });

  it("take a curve as it comes from a table", () => {
    const curve = withList({
      anyOf: [{ type: "array", items: { type: "array", items: { type: "number" } } }, { type: "null" }],
      default: null,
    });
    const onChange = form(curve, {});
    fireEvent.paste(fieldOf("list").querySelector(".pairs") as Element, {
      clipboardData: { getData: () => "100\t60\r\n1k\t55,5\n" },
    });
    expect(onChange).toHaveBeenLastCalledWith("list", [
      [100, 60],
      [1000, 55.5],
    ]);
  });

  it("say which number is none", () => {
    const onChange = form(withList({ type: "array", items: { type: "number", minimum: 0 } }), {});
    const input = within(fieldOf("list")).getByRole("textbox");
    fireEvent.change(input, { target: { value: "1, 2k, x" } });
    expect(within(fieldOf("list")).getByRole("alert").textContent).toBe("'x' is no number");
    fireEvent.change(input, { target: { value: "1, 2k 3" } });
    expect(onChange).toHaveBeenLastCalledWith("list", [1, 2000, 3]);
  });
});
