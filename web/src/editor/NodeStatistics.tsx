import { Fragment } from "react";
import type { Json } from "../api/types";
import { isObject } from "../store/patch";
import { useRunner } from "../store/runner";
import { useRuns } from "../store/runs";
import { count, digits, rate } from "../ui/format";
import { VerdictChip } from "../ui/VerdictChip";
import { useNodeMetrics } from "./live";

function seconds(value: number): string {
  if (value >= 1) return `${digits(value, 3)} s`;
  if (value >= 1e-3) return `${digits(value * 1e3, 3)} ms`;
  return `${digits(value * 1e6, 3)} µs`;
}

/** Figures of a node while it runs, and after. */
export function NodeStatistics({ node }: { node: string }) {
  const metrics = useNodeMetrics(node);
  if (!metrics) return null;
  const rows: [string, string][] = [
    ["Rate", rate(metrics.rate)],
    ["Frames in", count(metrics.frames_in)],
    ["Frames out", count(metrics.frames_out)],
    ["Work per frame", seconds(metrics.busy)],
    ["Dropped", count(metrics.dropped)],
    ["Failed", count(metrics.failed)],
  ];
  return (
    <section className="inspector-section" aria-label="Statistics">
      <h3>Statistics</h3>
      <dl className="facts facts-numbers">
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

function text(value: Json): string {
  if (typeof value === "number") return digits(value, 5);
  if (value === null) return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The result of a node that has one (a verdict, a total). */
export function NodeResult({ node }: { node: string }) {
  const id = useRunner((state) => state.id);
  const verdict = useRuns((state) => (id === null ? undefined : state.verdicts[id]?.[node]));
  const result = useRuns((state) => (id === null ? undefined : state.results[id]?.[node]));
  if (verdict)
    return (
      <section className="inspector-section" aria-label="Verdict">
        <h3>Verdict</h3>
        <p>
          <VerdictChip outcome={verdict.outcome} /> {verdict.reason}
        </p>
      </section>
    );
  if (result === undefined) return null;
  const rows = isObject(result) ? Object.entries(result) : [["Value", result] as [string, Json]];
  return (
    <section className="inspector-section" aria-label="Result">
      <h3>Result</h3>
      <dl className="facts facts-numbers">
        {rows.map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{text(value)}</dd>
          </Fragment>
        ))}
      </dl>
    </section>
  );
}
