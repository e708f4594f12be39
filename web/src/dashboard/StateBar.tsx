import { Play, Square, StepForward, Target } from "lucide-react";
import type { Pipeline, Verdict } from "../api/types";
import { VerdictLamp } from "../live";
import { isActive, useRuns } from "../store/runs";
import { clock, count } from "../ui/format";
import { fire, start, stop, useDashboard } from "./store";

const WORDS: Record<Pipeline["state"], string> = {
  created: "Ready",
  starting: "Starting",
  running: "Running",
  stopping: "Stopping",
  stopped: "Stopped",
  failed: "Failed",
};

/** The gravest first. */
const GRAVITY: readonly Verdict["outcome"][] = ["FAIL", "INVALID", "MARGINAL", "PASS", "NOT_RUN"];
const NONE: Readonly<Record<string, Verdict>> = {};

/** The verdict that counts: the gravest of all nodes; that of the whole run once it has ended. */
export function gravest(verdicts: readonly Verdict[], whole: string | null): Verdict | null {
  const found = verdicts.toSorted((a, b) => GRAVITY.indexOf(a.outcome) - GRAVITY.indexOf(b.outcome))[0];
  if (found) return found;
  const outcome = GRAVITY.find((one) => one === whole);
  if (!outcome) return null;
  return {
    outcome,
    reason: "",
    value: null,
    unit: "",
    time: null,
    channel: "",
    margin: null,
    count: 0,
    frequency: null,
  };
}

/** Large, for who stands a few steps away: state, time, losses, verdict, and what starts and stops it. */
export function StateBar({ pipeline, may }: { pipeline: Pipeline | undefined; may: boolean }) {
  const busy = useDashboard((state) => state.busy);
  const ready = useDashboard((state) => state.document !== null);
  const metrics = useRuns((state) => (pipeline ? state.metrics[pipeline.id] : undefined));
  const verdicts = useRuns((state) => (pipeline ? (state.verdicts[pipeline.id] ?? NONE) : NONE));
  const active = isActive(pipeline);
  const armed = active && pipeline?.drive === "manual" && pipeline.triggers.length > 0;
  const finished = pipeline?.state === "stopped" && pipeline.reason === "completed";
  const word = !pipeline ? "Not deployed" : armed ? "Armed" : finished ? "Finished" : WORDS[pipeline.state];
  const verdict = gravest(Object.values(verdicts), pipeline?.verdict ?? null);
  const dropped = (metrics?.dropped ?? 0) + (metrics?.undelivered ?? 0);
  return (
    <section className="state-bar" aria-label="State of the run" data-state={pipeline?.state ?? "none"}>
      <div className="state-word">
        <span className="state-dot" data-armed={armed} />
        <strong role="status">{word}</strong>
      </div>
      <Figure label="Running time" value={clock(metrics?.seconds ?? pipeline?.seconds ?? 0)} />
      <Figure label="Dropped" value={count(dropped)} bad={dropped > 0} />
      {verdict && (
        <div className="state-verdict" title={verdict.reason}>
          <VerdictLamp verdict={verdict} compact />
          <span className="state-reason">{verdict.reason}</span>
        </div>
      )}
      {pipeline?.state === "failed" && <span className="state-error">{pipeline.error?.message}</span>}
      <span className="state-space" />
      {may && (
        <div className="state-buttons">
          {!active && (
            <BigButton
              tone="go"
              icon={<Play size={20} aria-hidden="true" />}
              disabled={busy || !ready}
              onClick={() => void start("auto")}
            >
              Start
            </BigButton>
          )}
          {!active && (pipeline?.triggers.length ?? 0) > 0 && (
            <BigButton
              icon={<Target size={20} aria-hidden="true" />}
              disabled={busy}
              onClick={() => void start("manual")}
            >
              Arm
            </BigButton>
          )}
          {armed && (
            <BigButton
              tone="go"
              icon={<StepForward size={20} aria-hidden="true" />}
              disabled={busy}
              onClick={() => void fire()}
            >
              Trigger
            </BigButton>
          )}
          {active && (
            <BigButton
              tone="halt"
              icon={<Square size={20} aria-hidden="true" />}
              disabled={busy || pipeline?.state === "stopping"}
              onClick={() => void stop()}
            >
              Stop
            </BigButton>
          )}
        </div>
      )}
    </section>
  );
}

function Figure({ label, value, bad = false }: { label: string; value: string; bad?: boolean }) {
  return (
    <div className="state-figure" data-bad={bad}>
      <span>{label}</span>
      <strong>{value}</strong>
    </div>
  );
}

function BigButton({
  tone = "plain",
  icon,
  disabled,
  onClick,
  children,
}: {
  tone?: "go" | "halt" | "plain";
  icon: React.ReactNode;
  disabled: boolean;
  onClick: () => void;
  children: string;
}) {
  return (
    <button type="button" className={`big-button big-button-${tone}`} disabled={disabled} onClick={onClick}>
      {icon}
      {children}
    </button>
  );
}
