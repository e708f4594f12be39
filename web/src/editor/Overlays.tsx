import { useEffect, useMemo, useState } from "react";
import { ApiError, api } from "../api/http";
import type { GraphEntry, Target } from "../api/types";
import { navigate } from "../routes";
import { CATEGORIES, useCatalogue } from "../store/catalogue";
import { currentDocument, useDocument } from "../store/editor";
import { viewGraph } from "../store/graph";
import { ago } from "../ui/format";
import { Picker, type PickerItem } from "../ui/Picker";
import { toast } from "../ui/Toasts";
import { addNode, currentPorts, goTo } from "./actions";
import { ConflictDialog } from "./ConflictDialog";
import { COMMANDS, selectedNode } from "./commands";
import { connect, fetchTargets, portText, reasonAgainst } from "./connect";
import { JsonDialog, SaveAsDialog, ShortcutSheet } from "./dialogs";
import { iconOf } from "./icons";
import { wordsOf } from "./Palette";
import { valueText } from "./summary";
import { closeOverlay, type OpenEnd, useUi } from "./uiState";

/** Whatever lies over the editor: one at a time. */
export function Overlays() {
  const overlay = useUi((state) => state.overlay);
  switch (overlay?.kind) {
    case "add":
      return <AddNode at={overlay.at} open={overlay.connect} />;
    case "find":
      return <Find />;
    case "commands":
      return <Commands />;
    case "connect":
      return <ConnectTo from={overlay.from} />;
    case "open":
      return <OpenGraph />;
    case "shortcuts":
      return <ShortcutSheet />;
    case "json":
      return <JsonDialog />;
    case "saveAs":
      return <SaveAsDialog />;
    case "conflict":
      return <ConflictDialog revision={overlay.revision} text={overlay.text} />;
    default:
      return null;
  }
}

function AddNode({ at, open }: { at: readonly [number, number] | null; open: OpenEnd | null }) {
  const list = useCatalogue((state) => state.list);
  const items = useMemo(() => {
    const other = open?.side === "outputs" ? "inputs" : "outputs";
    return list
      .filter((type) => !open || type[other].length > 0)
      .map(
        (type): PickerItem => ({
          id: type.type,
          label: type.type,
          detail: type.summary,
          side: CATEGORIES.find((one) => one.id === type.category)?.label ?? "",
          icon: iconOf(type.category),
          words: wordsOf(type).slice(1),
        }),
      );
  }, [list, open]);
  return (
    <Picker
      title={open ? `Add a node and connect it to ${portText(open)}` : "Add a node"}
      placeholder="Name, category or what it does"
      items={items}
      hint={
        <>
          <kbd>Enter</kbd> adds{open ? ` and connects to ${portText(open)}` : ""}
          {!open && selectedNode() !== null && (
            <>
              , <kbd>Shift+Enter</kbd> connects it after the selected node
            </>
          )}
        </>
      }
      onPick={({ id }, { shift }) => {
        const after = shift && !open ? selectedOutput() : null;
        closeOverlay();
        const how: { at?: readonly [number, number]; connect?: OpenEnd | null } = { connect: open ?? after };
        if (at) how.at = open?.side === "inputs" ? [at[0] - 188, at[1] - 21] : [at[0], at[1] - 21];
        const key = addNode(id, how);
        requestAnimationFrame(() => goTo(key));
      }}
      onClose={closeOverlay}
    />
  );
}

function selectedOutput(): OpenEnd | null {
  const node = selectedNode();
  const port = node === null ? undefined : currentPorts().get(node)?.outputs[0];
  return node !== null && port !== undefined ? { node, port, side: "outputs" } : null;
}

function Find() {
  const document = useDocument();
  const types = useCatalogue((state) => state.types);
  const view = viewGraph(document, types);
  const items = view.nodes.map((node): PickerItem => {
    const type = types.get(node.type);
    const properties = type?.parameters.properties ?? {};
    const values = Object.entries(node.config).map(
      ([name, value]) => `${name} ${valueText(value, properties[name])}`,
    );
    return {
      id: node.key,
      label: node.id,
      detail: [node.type, ...values].join(" · "),
      icon: iconOf(type?.category),
      words: values,
    };
  });
  return (
    <Picker
      title="Find in the graph"
      placeholder="Name, type or parameter"
      items={items}
      onPick={({ id }) => {
        closeOverlay();
        goTo(id);
      }}
      onClose={closeOverlay}
    />
  );
}

function Commands() {
  const items = COMMANDS.filter((one) => one.id !== "commands").map(
    (one): PickerItem => ({
      id: one.id,
      label: one.label,
      detail: one.group,
      side: one.keys?.[0] ? <kbd>{one.keys[0]}</kbd> : "",
    }),
  );
  return (
    <Picker
      title="Commands"
      placeholder="What is to be done?"
      items={items}
      onPick={({ id }) => {
        closeOverlay();
        COMMANDS.find((one) => one.id === id)?.run();
      }}
      onClose={closeOverlay}
    />
  );
}

/** Every port that an edge could end at, and why not at the others. */
function ConnectTo({ from }: { from: OpenEnd }) {
  const [targets, setTargets] = useState<ReadonlyMap<string, Target> | null>(null);
  const types = useCatalogue((state) => state.types);
  useEffect(() => {
    const gone = new AbortController();
    fetchTargets(currentDocument(), from, gone.signal).then(setTargets, () => undefined);
    return () => gone.abort();
  }, [from]);
  const view = viewGraph(useDocument(), types);
  const side = from.side === "outputs" ? "inputs" : "outputs";
  const ports = currentPorts();
  const items = view.nodes
    .flatMap((node) =>
      (ports.get(node.key)?.[side] ?? []).map((port): PickerItem => {
        const refused = reasonAgainst(from, { node: node.key, port }, targets);
        return {
          id: JSON.stringify([node.key, port]),
          label: portText({ node: node.key, port }),
          detail: node.type,
          icon: iconOf(types.get(node.type)?.category),
          ...(refused !== null ? { refused } : {}),
        };
      }),
    )
    .toSorted((a, b) => Number(a.refused !== undefined) - Number(b.refused !== undefined));
  return (
    <Picker
      title={from.side === "outputs" ? `Connect ${portText(from)} to` : `Connect ${portText(from)} from`}
      placeholder={
        from.side === "outputs" ? `Connect ${portText(from)} to…` : `Connect ${portText(from)} from…`
      }
      items={items}
      empty="There is no other node to connect to"
      onPick={({ id }) => {
        const [node, port] = JSON.parse(id) as [string, string];
        closeOverlay();
        connect(from, { node, port }, targets);
      }}
      onClose={closeOverlay}
    />
  );
}

function OpenGraph() {
  const [graphs, setGraphs] = useState<GraphEntry[] | null>(null);
  useEffect(() => {
    api.graphs().then(setGraphs, (error) => {
      closeOverlay();
      toast("error", error instanceof ApiError ? error.message : String(error));
    });
  }, []);
  const items = (graphs ?? []).map(
    (graph): PickerItem => ({
      id: graph.path,
      label: graph.path,
      detail: graph.about || `${graph.nodes} nodes`,
      side: ago(graph.modified),
      words: [graph.name],
    }),
  );
  return (
    <Picker
      title="Open a graph"
      placeholder="Graph of the project"
      items={items}
      empty={graphs ? "There are no graphs in this project yet" : "Loading…"}
      onPick={({ id }) => {
        closeOverlay();
        navigate({ page: "edit", path: id });
      }}
      onClose={closeOverlay}
    />
  );
}
