import { useConnection } from "../api/connection";
import type { Hello } from "../api/types";
import { isActive, useRuns } from "../store/runs";

/** One line at the bottom: whom one is connected to, and how things are. */
export function Health({ hello }: { hello: Hello | null }) {
  const status = useConnection((state) => state.status);
  const pipelines = useRuns((state) => state.pipelines);
  const running = Object.values(pipelines).filter(isActive).length;
  const failed = Object.values(pipelines).filter((one) => one.state === "failed").length;
  const connected = status === "open";
  return (
    <footer className="health">
      <span className="run-dot" data-ok={connected} />
      <span role="status">
        {connected ? "Connected" : status === "refused" ? "Not allowed in" : "Not connected"}
      </span>
      {hello && (
        <>
          <span>StreamLab {hello.version}</span>
          <span className="health-folder">{hello.project.folder}</span>
          <span>{hello.role === "view" ? "view only" : ""}</span>
        </>
      )}
      <span className="bar-space" />
      <span>{running === 0 ? "nothing runs" : running === 1 ? "1 graph runs" : `${running} graphs run`}</span>
      {failed > 0 && <span className="health-failed">{failed} failed</span>}
    </footer>
  );
}
