import { StepForward } from "lucide-react";
import { trigger, usePipeline, useRunner } from "../store/runner";
import { useRuns } from "../store/runs";
import { Button } from "../ui/Button";
import { clock, count } from "../ui/format";
import { VerdictChip } from "../ui/VerdictChip";
import { showDock } from "./uiState";

const WORDS: Record<string, string> = {
  created: "Ready",
  starting: "Starting",
  running: "Running",
  stopping: "Stopping",
  stopped: "Stopped",
  failed: "Failed",
};

/** Beside Run: the state, how long it has run in time of the signal, what was lost, the verdict. */
export function RunState() {
  const pipeline = usePipeline();
  const error = useRunner((state) => state.error);
  const applying = useRunner((state) => state.applying);
  const pending = useRunner((state) => state.pending.nodes.size);
  const metrics = useRuns((state) => (pipeline ? state.metrics[pipeline.id] : undefined));
  const refused = error && (
    <button type="button" className="run-error" onClick={() => showDock("problems")} title={error}>
      {error}
    </button>
  );
  if (!pipeline) return <>{refused}</>;
  const seconds = metrics?.seconds ?? pipeline.seconds;
  const running = pipeline.state === "running";
  const word = applying
    ? "Applying"
    : pipeline.state === "stopped" && pipeline.reason === "completed"
      ? "Finished"
      : (WORDS[pipeline.state] ?? "");
  return (
    <span className="run-state" data-state={pipeline.state}>
      <span className="run-dot" />
      <span role="status">{word}</span>
      {seconds > 0 && (
        <span className="run-time" title="Seconds of signal">
          {clock(seconds)}
        </span>
      )}
      {metrics && metrics.dropped > 0 && <span className="run-lost">{count(metrics.dropped)} dropped</span>}
      {running && metrics?.load !== null && metrics?.load !== undefined && (
        <span className="run-load" title="Share of one core that the worker uses">
          {Math.round(metrics.load * 100)} % of a core
        </span>
      )}
      {running && pipeline.drive === "manual" && (
        <Button kind="plain" icon={StepForward} onClick={() => void trigger()}>
          Trigger
        </Button>
      )}
      {pending > 0 && running && (
        <span className="run-pending">{pending === 1 ? "1 node" : `${pending} nodes`} not applied</span>
      )}
      {pipeline.verdict && <VerdictChip outcome={pipeline.verdict} />}
      {pipeline.state === "failed" && pipeline.error && (
        <button
          type="button"
          className="run-error"
          onClick={() => showDock("problems")}
          title={pipeline.error.message}
        >
          {pipeline.error.message}
        </button>
      )}
      {refused}
    </span>
  );
}
