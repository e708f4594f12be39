import { ArrowRight, Link2, X } from "lucide-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import type { Json } from "../api/types";
import { Field } from "../forms/Field";
import { NodeForm, RawForm } from "../forms/NodeForm";
import { useCatalogue } from "../store/catalogue";
import { placeOf, useChecking, useProblems } from "../store/checking";
import { idsOf, removeItems, renameNode, setNodeKey, setParameter } from "../store/commands";
import { currentDocument, edit, select } from "../store/editor";
import type { GraphEdge, GraphNode, GraphView, Types } from "../store/graph";
import { useRunner } from "../store/runner";
import { Button, IconButton } from "../ui/Button";
import { Tabs } from "../ui/Tabs";
import { currentPorts, currentView } from "./actions";
import { iconOf } from "./icons";
import { useRunError } from "./live";
import { NodeDoc } from "./NodeDoc";
import { NodeResult, NodeStatistics } from "./NodeStatistics";
import { NODE_SETTINGS } from "./settings";
import { show, useUi } from "./uiState";

export const FORM = "parameter";

export function NodeInspector({ node, view }: { node: GraphNode; view: GraphView }) {
  const types = useCatalogue((state) => state.types);
  const type = types.get(node.type);
  const [tab, setTab] = useState("parameters");
  const failed = useRunError(node.key);
  const Icon = iconOf(type?.category);
  useFieldFocus(node.key, setTab);
  return (
    <>
      <header className="inspector-head">
        <span className="block-icon" data-category={type?.category}>
          <Icon size={15} aria-hidden="true" />
        </span>
        <NameField node={node} view={view} />
        <span className="inspector-type">{node.type}</span>
      </header>
      {failed && <p className="inspector-error">{failed}</p>}
      <Tabs
        label="Node"
        active={tab}
        onChange={setTab}
        tabs={[
          {
            id: "parameters",
            label: "Parameters",
            panel: <Parameters node={node} view={view} types={types} />,
          },
          { id: "node", label: "Node", panel: <Settings node={node} view={view} /> },
          {
            id: "help",
            label: "Help",
            panel: type ? (
              <NodeDoc doc={type.doc} summary={type.summary} />
            ) : (
              <p className="doc">
                The type {node.type || "(none)"} is not installed. The node is kept as it is.
              </p>
            ),
          },
        ]}
      />
    </>
  );
}

/** The list of problems, or a key, asks for a field: show its tab, then give it the focus. */
function useFieldFocus(key: string, setTab: (tab: string) => void): void {
  const field = useUi((state) => state.field);
  useEffect(() => {
    if (field?.node !== key) return;
    setTab(field.name === "id" ? "node" : "parameters");
    requestAnimationFrame(() => {
      const first =
        ".inspector .form input, .inspector .form select, .inspector .form textarea, .inspector .form button";
      const target = field.name
        ? document.getElementById(`${FORM}-${field.name}`)
        : document.querySelector<HTMLElement>(first);
      target?.scrollIntoView({ block: "nearest" });
      target?.focus();
    });
    useUi.setState({ field: null });
  }, [field, key, setTab]);
}

function NameField({ node, view }: { node: GraphNode; view: GraphView }) {
  const [text, setText] = useState(node.id);
  const [seen, setSeen] = useState(node.id);
  if (seen !== node.id) {
    setSeen(node.id);
    setText(node.id);
  }
  const taken = text !== node.id && idsOf(view).has(text);
  const commit = () => {
    const id = text.trim();
    if (!id || id === node.id || taken) return setText(node.id);
    edit(`Rename ${node.id} to ${id}`, renameNode(currentDocument(), view, node, id));
    select([id]);
  };
  return (
    <input
      className="inspector-name"
      aria-label="Name of the node"
      aria-invalid={taken || undefined}
      title={taken ? "Another node has this name" : "Name of the node, unique in the graph"}
      value={text}
      spellCheck={false}
      onChange={(event) => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") setText(node.id);
      }}
    />
  );
}

function Parameters({ node, view, types }: { node: GraphNode; view: GraphView; types: Types }) {
  const type = types.get(node.type);
  const problems = useProblems();
  const refused = useRunner((state) => state.problems);
  const running = useRunner((state) => state.id !== null && state.deployed !== null);
  const pending = useRunner((state) => state.pending.nodes.has(node.key));
  const channels = useInputChannels(node.key, view.edges);
  const order = useMemo(() => Object.keys(type?.parameters.properties ?? {}), [type]);
  const key = node.key;

  const own = new Map<string, string>();
  const others: string[] = [];
  for (const problem of [...problems, ...refused]) {
    const place = placeOf(problem);
    if (place.node !== node.index) continue;
    const text = [problem.message, problem.hint].filter(Boolean).join(". ");
    if (place.field !== null) own.set(place.field, own.get(place.field) ?? text);
    else if (!others.includes(text)) others.push(text);
  }

  const onChange = useCallback(
    (name: string, value: Json | undefined) => {
      const now = currentView().byKey.get(key);
      if (now)
        edit(`Set ${name} of ${now.id}`, setParameter(now, name, value, order), {
          merge: `set:${key}:${name}`,
        });
    },
    [key, order],
  );
  return (
    <>
      {others.map((text) => (
        <p key={text} className="inspector-error">
          {text}
        </p>
      ))}
      {pending && <p className="inspector-pending">Changed since it was started: takes effect with Apply.</p>}
      {type ? (
        <NodeForm
          type={type}
          config={node.config}
          problems={own}
          channels={channels}
          running={running}
          idPrefix={FORM}
          onChange={onChange}
        />
      ) : (
        <RawForm
          config={node.config}
          id={`${FORM}-config`}
          onChange={(config) =>
            edit(`Set parameters of ${node.id}`, setNodeKey(node, "config", config), { merge: `set:${key}` })
          }
        />
      )}
      <NodeResult node={node.key} />
    </>
  );
}

/** Names of the channels that arrive, to be chosen from. */
function useInputChannels(key: string, edges: readonly GraphEdge[]): readonly string[] {
  const outputs = useChecking((state) => state.validation?.outputs);
  return useMemo(() => {
    const into = edges.filter((edge) => edge.to.node === key);
    const names = into.flatMap(
      ({ from }) => outputs?.[`${from.node}.${from.port}`]?.channels.map((one) => one.name) ?? [],
    );
    return [...new Set(names)];
  }, [key, edges, outputs]);
}

function Settings({ node, view }: { node: GraphNode; view: GraphView }) {
  const raw = typeof node.raw === "object" && node.raw !== null && !Array.isArray(node.raw) ? node.raw : {};
  const ports = currentPorts().get(node.key);
  return (
    <>
      <section className="inspector-section" aria-label="Connections">
        <h3>Connections</h3>
        {(["inputs", "outputs"] as const).map((side) =>
          ports?.[side].map((port) => (
            <PortConnections key={`${side}.${port}`} node={node.key} port={port} side={side} view={view} />
          )),
        )}
      </section>
      <section className="inspector-section" aria-label="How it runs">
        <h3>How it runs</h3>
        <div className="form">
          {NODE_SETTINGS.filter(({ joins }) => !joins || (ports?.inputs.length ?? 0) > 1).map(
            ({ name, schema }) => (
              <Field
                key={name}
                id={`node-${name}`}
                name={name}
                schema={schema}
                value={raw[name]}
                problem={null}
                required={false}
                channels={[]}
                running={false}
                onChange={(key, value) =>
                  edit(`Set ${key} of ${node.id}`, setNodeKey(node, key, value), {
                    merge: `node:${node.key}:${key}`,
                  })
                }
              />
            ),
          )}
        </div>
      </section>
      <NodeStatistics node={node.key} />
    </>
  );
}

interface PortConnectionsProps {
  node: string;
  port: string;
  side: "inputs" | "outputs";
  view: GraphView;
}

function PortConnections({ node, port, side, view }: PortConnectionsProps) {
  const own = side === "inputs" ? "to" : "from";
  const other = side === "inputs" ? "from" : "to";
  const edges = view.edges.filter((edge) => edge[own].node === node && edge[own].port === port);
  return (
    <div className="connections">
      <span className="connections-port" data-side={side}>
        {port}
      </span>
      <div>
        {edges.map((edge) => (
          <span key={edge.key} className="connections-edge">
            <ArrowRight size={12} aria-hidden="true" data-side={side} />
            <button type="button" className="link-button" onClick={() => select([], [edge.key])}>
              {edge[other].node}.{edge[other].port}
            </button>
            <IconButton
              icon={X}
              size={12}
              label={`Disconnect ${edge[other].node}.${edge[other].port}`}
              onClick={() => edit("Disconnect", removeItems(view, new Set(), new Set([edge.key])))}
            />
          </span>
        ))}
        {(side === "outputs" || edges.length === 0) && (
          <Button
            kind="ghost"
            icon={Link2}
            onClick={() => show({ kind: "connect", from: { node, port, side } })}
          >
            Connect {side === "outputs" ? "to" : "from"}…
          </Button>
        )}
      </div>
    </div>
  );
}
