import { ChevronRight, Search } from "lucide-react";
import { type KeyboardEvent, memo, useMemo, useRef, useState } from "react";
import type { NodeType } from "../api/types";
import { CATEGORIES, useCatalogue } from "../store/catalogue";
import { search } from "../ui/search";
import { addNode } from "./actions";
import { DRAG_TYPE } from "./Canvas";
import { iconOf } from "./icons";

/** Words that a type is found by: its name, what it does, its category, its ports. */
export function wordsOf(type: NodeType): string[] {
  const category = CATEGORIES.find((one) => one.id === type.category)?.label ?? type.category;
  const ports = [...type.inputs, ...type.outputs].map((port) => port.name).join(" ");
  const sort = type.source ? "source" : type.outputs.length === 0 ? "sink" : "";
  return [type.type, category, type.summary, `${ports} ${sort} ${type.kind}`];
}

/** All node types, by category or as found; Enter or a click adds one, dragging puts it where it is dropped. */
export const Palette = memo(function Palette() {
  const list = useCatalogue((state) => state.list);
  const { status, error } = useCatalogue();
  const [query, setQuery] = useState("");
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const root = useRef<HTMLElement>(null);
  const found = useMemo(() => search(list, query, wordsOf), [list, query]);
  const groups = query.trim()
    ? [
        {
          id: "found",
          label: found.length === 1 ? "1 type found" : `${found.length} types found`,
          types: found,
        },
      ]
    : CATEGORIES.map((one) => ({ ...one, types: list.filter((type) => type.category === one.id) })).filter(
        ({ types }) => types.length > 0,
      );

  const onKeyDown = (event: KeyboardEvent) => {
    const rows = [...(root.current?.querySelectorAll<HTMLElement>(".palette-type") ?? [])];
    const at = rows.indexOf(document.activeElement as HTMLElement);
    if (event.key === "ArrowDown") rows[Math.min(at + 1, rows.length - 1)]?.focus();
    else if (event.key === "ArrowUp")
      (at > 0 ? rows[at - 1] : root.current?.querySelector<HTMLElement>("input"))?.focus();
    else if (event.key === "Enter" && event.target instanceof HTMLInputElement && found[0] && query.trim())
      addNode(found[0].type);
    else return;
    event.preventDefault();
  };
  const flip = (id: string) =>
    setClosed((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });

  return (
    <nav className="palette" aria-label="Node types" ref={root} onKeyDown={onKeyDown}>
      <div className="palette-search">
        <Search size={14} aria-hidden="true" />
        <input
          type="search"
          aria-label="Search node types"
          placeholder="Search node types"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
      </div>
      <div className="palette-list">
        {groups.map((group) => (
          <section key={group.id} aria-label={group.label}>
            <h3>
              <button
                type="button"
                className="palette-group"
                aria-expanded={!closed.has(group.id)}
                onClick={() => flip(group.id)}
              >
                <ChevronRight size={12} aria-hidden="true" />
                {group.label}
              </button>
            </h3>
            {!closed.has(group.id) && group.types.map((type) => <PaletteType key={type.type} type={type} />)}
          </section>
        ))}
        {status === "loading" && <p className="palette-note">Loading…</p>}
        {status === "failed" && <p className="palette-note">{error}</p>}
        {status === "ready" && found.length === 0 && (
          <p className="palette-note">No type matches “{query}”.</p>
        )}
      </div>
    </nav>
  );
});

function PaletteType({ type }: { type: NodeType }) {
  const Icon = iconOf(type.category);
  return (
    <button
      type="button"
      className="palette-type"
      draggable
      title={type.summary}
      aria-label={`Add ${type.type}. ${type.summary}`}
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAG_TYPE, type.type);
        event.dataTransfer.effectAllowed = "copy";
      }}
      onClick={(event) => {
        // The second click of a double click adds nothing more.
        if (event.detail <= 1) addNode(type.type);
      }}
    >
      <span className="block-icon" data-category={type.category}>
        <Icon size={13} aria-hidden="true" />
      </span>
      {type.type}
    </button>
  );
}
