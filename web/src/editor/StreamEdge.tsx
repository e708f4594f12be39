import { BaseEdge, type EdgeProps, getBezierPath, useStore } from "@xyflow/react";
import { memo } from "react";
import type { EdgeMetrics } from "../api/types";
import { useOutput } from "../store/checking";
import { count, rate } from "../ui/format";
import { useEdgeMetrics } from "./live";
import { describe, lookOf } from "./quantity";
import type { StreamEdge as StreamEdgeType } from "./scene";

/** Badges are hidden where they could not be read. */
const ZOOM = 0.55;
const BAR = 30;

export const StreamEdge = memo(function StreamEdge(props: EdgeProps<StreamEdgeType>) {
  const { id, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, selected, data } = props;
  const info = useOutput(data ? `${data.edge.from.node}.${data.edge.from.port}` : "");
  const metrics = useEdgeMetrics(id);
  const near = useStore((state) => state.transform[2] >= ZOOM);
  const look = lookOf(info);
  const [path, x, y] = getBezierPath({
    sourceX,
    sourceY,
    targetX,
    targetY,
    sourcePosition,
    targetPosition,
    curvature: 0.3,
  });
  return (
    <g className="stream" data-selected={selected} style={{ color: `var(${look.color})` }}>
      <BaseEdge id={id} path={path} interactionWidth={18} strokeDasharray={look.dash} />
      <title>{[describe(info), metrics && figures(metrics)].filter(Boolean).join("\n")}</title>
      {metrics && near && <Fill x={x} y={y} metrics={metrics} />}
    </g>
  );
});

function figures(metrics: EdgeMetrics): string {
  const parts = [`${rate(metrics.rate)}, ${count(metrics.frames)} frames`];
  if (metrics.fused) parts.push("a plain call inside one segment: it holds nothing");
  else if (metrics.queued !== null) parts.push(`holds ${metrics.queued} of ${metrics.capacity ?? "∞"}`);
  if (metrics.dropped) parts.push(`${count(metrics.dropped)} dropped`);
  return parts.join(", ");
}

/** How full the edge is: green to 60 %, yellow to 85 %, then red; and what it lost. */
function Fill({ x, y, metrics }: { x: number; y: number; metrics: EdgeMetrics }) {
  const { queued, capacity, dropped } = metrics;
  if (queued === null && dropped === 0) return null;
  const share = queued !== null && capacity ? Math.min(1, queued / capacity) : 0;
  const level = share <= 0.6 ? "low" : share <= 0.85 ? "mid" : "high";
  return (
    <g transform={`translate(${x - BAR / 2} ${y - 3})`} className="fill">
      <rect className="fill-back" width={BAR} height={6} rx={3} />
      <rect
        className="fill-bar"
        data-level={level}
        width={Math.max(share * BAR, share > 0 ? 3 : 0)}
        height={6}
        rx={3}
      />
      {dropped > 0 && (
        <text className="fill-lost" x={BAR / 2} y={-5} textAnchor="middle">
          −{count(dropped)}
        </text>
      )}
    </g>
  );
}
