import "./forms.css";
import type { Json, JsonObject, NodeType } from "../api/types";
import { Field } from "./Field";
import { JsonWidget } from "./widgets";

interface NodeFormProps {
  type: NodeType;
  config: JsonObject;
  /** By parameter. */
  problems: ReadonlyMap<string, string>;
  channels: readonly string[];
  running: boolean;
  idPrefix: string;
  onChange: (name: string, value: Json | undefined) => void;
}

/** The form of a node from its schema: required parameters first, the rest as the schema has them, unknown ones at the end. */
export function NodeForm({ type, config, problems, channels, running, idPrefix, onChange }: NodeFormProps) {
  const properties = type.parameters.properties ?? {};
  const required = new Set(type.parameters.required ?? []);
  const names = Object.keys(properties);
  const order = [
    ...names.filter((name) => required.has(name)),
    ...names.filter((name) => !required.has(name)),
  ];
  const unknown = Object.keys(config).filter((name) => !Object.hasOwn(properties, name));
  return (
    <div className="form">
      {order.map((name) => {
        const schema = properties[name];
        return schema ? (
          <Field
            key={name}
            id={`${idPrefix}-${name}`}
            name={name}
            schema={schema}
            value={Object.hasOwn(config, name) ? config[name] : undefined}
            problem={problems.get(name) ?? null}
            required={required.has(name)}
            channels={channels}
            running={running}
            onChange={onChange}
          />
        ) : null;
      })}
      {unknown.map((name) => (
        <Field
          key={name}
          id={`${idPrefix}-${name}`}
          name={name}
          schema={{}}
          value={config[name]}
          problem={problems.get(name) ?? `${type.type} has no such parameter`}
          required={false}
          channels={channels}
          running={running}
          onChange={onChange}
        />
      ))}
      {order.length + unknown.length === 0 && <p className="form-empty">This node has no parameters.</p>}
    </div>
  );
}

/** Parameters of a type that is not installed: kept, and to be edited as JSON. */
export function RawForm({
  config,
  id,
  onChange,
}: {
  config: JsonObject;
  id: string;
  onChange: (config: Json | undefined) => void;
}) {
  return (
    <div className="form">
      <label className="field-label" htmlFor={id}>
        Parameters as JSON
      </label>
      <JsonWidget
        id={id}
        value={config}
        initial={{}}
        unit=""
        invalid={false}
        describedBy=""
        onChange={onChange}
        onWrong={() => undefined}
      />
    </div>
  );
}
