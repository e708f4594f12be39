import { Field } from "../forms/Field";
import "../forms/forms.css";
import type { Json, JsonObject } from "../api/types";
import { useChecking } from "../store/checking";
import { placeFor, setDocumentKey } from "../store/commands";
import { edit, useDocument } from "../store/editor";
import type { GraphView } from "../store/graph";
import { isObject, type Patch } from "../store/patch";
import { Facts } from "./EdgeInspector";
import { GRAPH_SETTINGS } from "./settings";

/** The graph itself: what it is called, what it is about, how it runs. */
export function GraphInspector({ view }: { view: GraphView }) {
  const document = useDocument();
  const validation = useChecking((state) => state.validation);
  const config = isObject(document.pipeline_config) ? document.pipeline_config : {};
  const metadata = isObject(document.metadata) ? document.metadata : {};
  const rows: [string, string][] = [
    ["Nodes", String(view.nodes.length)],
    ["Connections", String(view.edges.length + view.loose.length)],
  ];
  if (validation?.ok) {
    rows.push(["Segments", String(validation.segments.length)]);
    if (validation.max_in_flight !== null)
      rows.push(["In flight", `at most ${validation.max_in_flight} frames`]);
    if (validation.triggers.length) rows.push(["Waits for triggers", validation.triggers.join(", ")]);
  }
  return (
    <>
      <header className="inspector-head">
        <h2 className="inspector-title">Graph</h2>
      </header>
      <div className="inspector-body">
        <section className="inspector-section" aria-label="About">
          <div className="form">
            <TextField
              name="name"
              text={typeof document.name === "string" ? document.name : ""}
              about="Stands in reports; the file's name when left out"
              onChange={(value) =>
                edit("Rename the graph", setDocumentKey(document, "name", value), { merge: "graph:name" })
              }
            />
            <TextField
              name="about"
              text={typeof metadata.about === "string" ? metadata.about : ""}
              about="What it is for"
              onChange={(value) =>
                edit("Describe the graph", within(document, "metadata", metadata, "about", value), {
                  merge: "graph:about",
                })
              }
            />
          </div>
        </section>
        <section className="inspector-section" aria-label="How it runs">
          <h3>How it runs</h3>
          <div className="form">
            {GRAPH_SETTINGS.map(({ name, schema }) => (
              <Field
                key={name}
                id={`graph-${name}`}
                name={name}
                schema={schema}
                value={config[name]}
                problem={null}
                required={false}
                channels={[]}
                running={false}
                onChange={(key, value) =>
                  edit(`Set ${key} of the graph`, within(document, "pipeline_config", config, key, value), {
                    merge: `graph:${key}`,
                  })
                }
              />
            ))}
          </div>
        </section>
        <Facts label="Plan" rows={rows} />
        <p className="inspector-hint">
          Select a node to set its parameters, an edge to see what flows along it. <kbd>A</kbd> adds a node,{" "}
          <kbd>?</kbd> shows all keys.
        </p>
      </div>
    </>
  );
}

function within(
  document: ReturnType<typeof useDocument>,
  outer: string,
  object: JsonObject,
  key: string,
  value: Json | undefined,
): Patch[] {
  if (!isObject(document[outer]))
    return value === undefined ? [] : setDocumentKey(document, outer, { [key]: value });
  if (value === undefined) return Object.hasOwn(object, key) ? [{ op: "unset", path: [outer, key] }] : [];
  const order = GRAPH_SETTINGS.map(({ name }) => name);
  return [{ op: "set", path: [outer, key], value, at: placeFor(object, key, order) }];
}

interface TextFieldProps {
  name: string;
  text: string;
  about: string;
  onChange: (value: string | undefined) => void;
}

function TextField({ name, text, about, onChange }: TextFieldProps) {
  return (
    <Field
      id={`graph-${name}`}
      name={name}
      schema={{ type: "string", default: "", description: about, "x-long": name === "about" }}
      value={text || undefined}
      problem={null}
      required={false}
      channels={[]}
      running={false}
      onChange={(_name, value) => onChange(typeof value === "string" && value ? value : undefined)}
    />
  );
}
