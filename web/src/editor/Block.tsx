import { Handle, type NodeProps, Position } from "@xyflow/react";
import { CircleAlert, TriangleAlert } from "lucide-react";
import { memo } from "react";
import { useOutput } from "../store/checking";
import { useRunner } from "../store/runner";
import { count, rate } from "../ui/format";
import { portText, reasonAgainst } from "./connect";
import { rows } from "./geometry";
import { iconOf } from "./icons";
import { useNodeMetrics, useNodeProblem, useRunError } from "./live";
import { describe, lookOf } from "./quantity";
import type { BlockNode } from "./scene";
import { summary } from "./summary";
import { useUi } from "./uiState";

/** One node on the canvas: name and type, ports, what it is set to, and while it runs its figures. */
export const Block = memo(function Block({ data, selected }: NodeProps<BlockNode>) {
  const { node, ports, type } = data;
  const problem = useNodeProblem(node.index);
  const failed = useRunError(node.key);
  const pending = useRunner((state) => state.pending.nodes.has(node.key));
  const reach = useReach(node.key, ports);
  const Icon = iconOf(type?.category);
  const line = summary(node, type);
  const state = failed ? "failed" : problem ? "problem" : type ? "" : "unknown";
  return (
    <div
      className="block"
      data-selected={selected}
      data-state={state}
      data-pending={pending}
      data-reach={reach}
    >
      <div className="block-head">
        <span className="block-icon" data-category={type?.category}>
          <Icon size={15} aria-hidden="true" />
        </span>
        <span className="block-names">
          <span className="block-id">{node.id || "(no name)"}</span>
          <span className="block-type">{node.type || "(no type)"}</span>
        </span>
        {(failed ?? problem) && (
          <span
            className="block-mark"
            role="img"
            aria-label={failed ?? problem?.text}
            title={failed ?? problem?.text}
          >
            {failed ? <CircleAlert size={15} /> : <TriangleAlert size={15} />}
          </span>
        )}
      </div>
      {rows(ports) > 0 && <PortNames ports={ports} />}
      <div className="block-foot">
        <span className="block-summary" data-own={line.own}>
          {type ? line.text : "This type is not installed"}
        </span>
        <Figures node={node.key} />
      </div>
      {ports.inputs.map((port, n) => (
        <Port key={port} node={node.key} port={port} side="inputs" n={n} of={rows(ports)} />
      ))}
      {ports.outputs.map((port, n) => (
        <Port key={port} node={node.key} port={port} side="outputs" n={n} of={rows(ports)} />
      ))}
    </div>
  );
});

function PortNames({ ports }: { ports: BlockNode["data"]["ports"] }) {
  return (
    <div className="block-ports">
      {(["inputs", "outputs"] as const).map((side) => (
        <div key={side} data-side={side}>
          {ports[side].map((port) => (
            <span key={port}>{port}</span>
          ))}
        </div>
      ))}
    </div>
  );
}

/** Rate, and what was lost, while there are figures. */
function Figures({ node }: { node: string }) {
  const metrics = useNodeMetrics(node);
  if (!metrics) return null;
  const lost = metrics.dropped + metrics.failed;
  return (
    <span className="block-figures">
      {lost > 0 && (
        <span
          className="block-lost"
          title={`${count(metrics.dropped)} frames dropped, ${count(metrics.failed)} failed`}
        >
          −{count(lost)}
        </span>
      )}
      <span title="Frames a second">{rate(metrics.rate)}</span>
    </span>
  );
}

/** Whether the edge that is being drawn could end at this node: "" when none is drawn. */
function useReach(key: string, ports: BlockNode["data"]["ports"]): "" | "from" | "yes" | "no" {
  return useUi(({ connecting }) => {
    if (!connecting) return "";
    if (connecting.from.node === key) return "from";
    const side = connecting.from.side === "outputs" ? "inputs" : "outputs";
    const some = ports[side].some(
      (port) => reasonAgainst(connecting.from, { node: key, port }, connecting.targets) === null,
    );
    return some ? "yes" : "no";
  });
}

interface PortProps {
  node: string;
  port: string;
  side: "inputs" | "outputs";
  n: number;
  of: number;
}

function Port({ node, port, side, n, of }: PortProps) {
  const output = useOutput(portText({ node, port }));
  const look = lookOf(side === "outputs" ? output : undefined);
  const open = useUi(({ connecting }) => {
    if (!connecting || connecting.from.node === node || connecting.from.side === side) return "";
    return reasonAgainst(connecting.from, { node, port }, connecting.targets) === null ? "yes" : "no";
  });
  const what = side === "outputs" ? `: ${describe(output)}` : "";
  return (
    <Handle
      id={port}
      type={side === "inputs" ? "target" : "source"}
      position={side === "inputs" ? Position.Left : Position.Right}
      className="port"
      data-shape={side === "outputs" ? look.shape : "in"}
      data-open={open}
      data-row={of > 0 ? n : undefined}
      style={{
        ...(side === "outputs" ? { color: `var(${look.color})` } : {}),
        top: of > 0 ? 42 + n * 20 + 10 : 21,
      }}
      title={`${side === "inputs" ? "Input" : "Output"} ${port}${what}`}
    />
  );
}
