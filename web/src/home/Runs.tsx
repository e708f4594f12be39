import { FileText, LayoutDashboard } from "lucide-react";
import { api } from "../api/http";
import type { Pipeline } from "../api/types";
import { routeHref } from "../routes";
import { isActive, useRuns } from "../store/runs";
import { ago, clock } from "../ui/format";
import { VerdictChip } from "../ui/VerdictChip";

const MOST = 12;

/** What runs now, and what ran last, with its verdict. */
export function Runs() {
  const pipelines = useRuns((state) => state.pipelines);
  const metrics = useRuns((state) => state.metrics);
  const all = Object.values(pipelines)
    .toSorted((a, b) => Number(isActive(b)) - Number(isActive(a)) || b.since - a.since)
    .slice(0, MOST);
  return (
    <section className="home-section">
      <h2>Runs</h2>
      {all.length === 0 && <p className="home-note">What you run stands here, with its verdict.</p>}
      <ul className="runs">
        {all.map((one) => (
          <Run key={one.id} pipeline={one} seconds={metrics[one.id]?.seconds ?? one.seconds} />
        ))}
      </ul>
    </section>
  );
}

const word = (pipeline: Pipeline): string => {
  if (pipeline.state === "stopped") return pipeline.reason === "completed" ? "finished" : "stopped";
  return pipeline.state;
};

function Run({ pipeline, seconds }: { pipeline: Pipeline; seconds: number }) {
  const target = pipeline.path ?? pipeline.id;
  const name = pipeline.name || pipeline.path || pipeline.id;
  const ended = pipeline.state === "stopped" && pipeline.started !== null;
  return (
    <li className="run" data-state={pipeline.state}>
      <span className="run-dot" />
      <div className="run-text">
        {pipeline.path ? (
          <a className="run-name" href={routeHref({ page: "edit", path: pipeline.path })}>
            {name}
          </a>
        ) : (
          <span className="run-name">{name}</span>
        )}
        <span className="run-line">
          {word(pipeline)}
          {seconds > 0 && ` · ${clock(seconds)} of signal`} · {ago(pipeline.started ?? pipeline.since)}
        </span>
        {pipeline.error && <span className="run-line run-failure">{pipeline.error.message}</span>}
      </div>
      {pipeline.verdict && <VerdictChip outcome={pipeline.verdict} />}
      {ended && (
        <a
          className="icon-button"
          href={api.reportHref(pipeline.id)}
          download
          aria-label={`Report of ${name}`}
          data-tip="Report"
        >
          <FileText size={15} aria-hidden="true" />
        </a>
      )}
      <a
        className="icon-button"
        href={routeHref({ page: "dashboard", target })}
        aria-label={`Dashboard of ${name}`}
        data-tip="Dashboard"
      >
        <LayoutDashboard size={15} aria-hidden="true" />
      </a>
    </li>
  );
}
