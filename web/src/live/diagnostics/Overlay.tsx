import { useEffect, useRef } from "react";
import { loop } from "../loop";
import { perf } from "./perf";

const EVERY = 500;

function rows(): [string, string][] {
  const now = perf.snapshot();
  const ms = (value: number) => (Number.isFinite(value) ? `${value.toFixed(1)} ms` : "–");
  const size = now.bytes_per_second;
  return [
    ["Frames", `${Number.isFinite(now.fps) ? now.fps.toFixed(1) : "–"} fps`],
    ["Frame p50, p95, max", `${ms(now.frame_ms.p50)}, ${ms(now.frame_ms.p95)}, ${ms(now.frame_ms.max)}`],
    ["Drawing p50, p95", `${ms(now.work_ms.p50)}, ${ms(now.work_ms.p95)}`],
    ["Lag p50, p95", `${ms(now.lag_ms.p50)}, ${ms(now.lag_ms.p95)}`],
    ["Line p50, p95", `${ms(now.line_ms.p50)}, ${ms(now.line_ms.p95)}`],
    ["Received", size >= 1e6 ? `${(size / 1e6).toFixed(2)} MB/s` : `${(size / 1e3).toFixed(1)} kB/s`],
    ["Queue, most", String(now.queue)],
    ["Gaps", String(now.gaps)],
    ["Merged, strays, faults", `${now.merged}, ${now.strays}, ${now.faults}`],
    ["Panels", String(Object.keys(now.panels).length)],
    ["Heap", now.heap === null ? "–" : `${(now.heap / 1e6).toFixed(1)} MB`],
  ];
}

/** How well the page keeps up, over the time since it was opened. The numbers are those of `__streamlab_perf`. */
export default function Overlay({ onClose }: { onClose: () => void }) {
  const table = useRef<HTMLTableSectionElement>(null);
  useEffect(() => {
    const release = loop.hold();
    perf.reset();
    const write = () => {
      const body = table.current;
      if (!body) return;
      body.replaceChildren();
      for (const [name, value] of rows()) {
        const row = body.insertRow();
        const head = document.createElement("th");
        head.scope = "row";
        head.textContent = name;
        row.append(head);
        row.insertCell().textContent = value;
      }
    };
    write();
    const timer = setInterval(write, EVERY);
    return () => {
      clearInterval(timer);
      release();
    };
  }, []);
  return (
    <aside className="diagnostics" aria-label="Diagnostics">
      <header>
        <strong>Diagnostics</strong>
        <button type="button" className="link-button" onClick={() => perf.reset()}>
          Reset
        </button>
        <button type="button" className="link-button" onClick={onClose}>
          Close
        </button>
      </header>
      <table>
        <tbody ref={table} />
      </table>
    </aside>
  );
}
