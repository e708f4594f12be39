import { Trash2 } from "lucide-react";
import { Fragment } from "react";
import { Field } from "../forms/Field";
import { useOutput } from "../store/checking";
import { setEdgeKey } from "../store/commands";
import { edit, select } from "../store/editor";
import type { GraphEdge } from "../store/graph";
import { Button } from "../ui/Button";
import { count, quantity, rate } from "../ui/format";
import { removeSelected } from "./actions";
import { useEdgeMetrics } from "./live";
import { lookOf } from "./quantity";
import { EDGE_SETTINGS } from "./settings";

/** What flows along an edge, how full it is, and what it does when it is. */
export function EdgeInspector({ edge }: { edge: GraphEdge }) {
  const info = useOutput(`${edge.from.node}.${edge.from.port}`);
  const metrics = useEdgeMetrics(edge.key);
  const rows: [string, string][] = [["Carries", info ? lookOf(info).label : "not known before it runs"]];
  if (info) {
    if (info.rate) rows.push(["Sample rate", quantity(info.rate, "Hz")]);
    rows.push(["Axis", info.axis]);
    if (info.points) rows.push(["Points", String(info.points)]);
    for (const channel of info.channels.slice(0, 16))
      rows.push([
        channel.name,
        [channel.unit, channel.reference && `re ${channel.reference}`].filter(Boolean).join(", ") ||
          "no unit",
      ]);
    if (info.channels.length > 16) rows.push(["…", `${info.channels.length} channels`]);
  }
  const figures: [string, string][] = metrics
    ? [
        ["Rate", rate(metrics.rate)],
        ["Frames", count(metrics.frames)],
        [
          "Holds",
          metrics.fused
            ? "nothing: a plain call inside a segment"
            : `${metrics.queued ?? 0} of ${metrics.capacity ?? "∞"}`,
        ],
        ["Dropped", count(metrics.dropped)],
      ]
    : [];
  return (
    <>
      <header className="inspector-head inspector-head-edge">
        <h2 className="inspector-title">
          <button type="button" className="link-button" onClick={() => select([edge.from.node])}>
            {edge.from.node}.{edge.from.port}
          </button>
          <span aria-hidden="true"> → </span>
          <button type="button" className="link-button" onClick={() => select([edge.to.node])}>
            {edge.to.node}.{edge.to.port}
          </button>
        </h2>
      </header>
      <div className="inspector-body">
        <Facts label="Stream" rows={rows} />
        {figures.length > 0 && <Facts label="Statistics" rows={figures} />}
        <section className="inspector-section" aria-label="Edge">
          <h3>Edge</h3>
          <div className="form">
            {EDGE_SETTINGS.map(({ name, schema }) => (
              <Field
                key={name}
                id={`edge-${name}`}
                name={name}
                schema={schema}
                value={edge.raw[name]}
                problem={null}
                required={false}
                channels={[]}
                running={false}
                onChange={(key, value) =>
                  edit(`Set ${key} of an edge`, setEdgeKey(edge.raw, edge.index, key, value), {
                    merge: `edge:${edge.key}:${key}`,
                  })
                }
              />
            ))}
          </div>
        </section>
        <Button kind="danger" icon={Trash2} keys="Del" onClick={removeSelected}>
          Delete connection
        </Button>
      </div>
    </>
  );
}

export function Facts({ label, rows }: { label: string; rows: readonly [string, string][] }) {
  return (
    <section className="inspector-section" aria-label={label}>
      <h3>{label}</h3>
      <dl className="facts">
        {rows.map(([name, text]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </Fragment>
        ))}
      </dl>
    </section>
  );
}
