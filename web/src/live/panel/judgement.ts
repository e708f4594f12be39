/** What judges an edge: limits that nodes behind it have, and the verdict of the node itself. */
import { useEffect, useMemo, useState } from "react";
import { control } from "../../api/control";
import { api } from "../../api/http";
import type { GraphDocument, JsonObject, Verdict } from "../../api/types";
import { useRuns } from "../../store/runs";
import type { LimitCurve } from "../views/create";

export interface Judgement {
  judges: boolean;
  limits: readonly LimitCurve[];
  verdict: Verdict | null;
}

const JUDGES = new Set(["Limit", "Mask", "NofM"]);
const NONE: readonly LimitCurve[] = [];

interface NodeLike {
  id: string;
  type: string;
  config: JsonObject;
}

function nodesOf(document: GraphDocument): NodeLike[] {
  const list = Array.isArray(document.nodes) ? document.nodes : [];
  return list.flatMap((item) => {
    if (typeof item !== "object" || item === null || Array.isArray(item)) return [];
    const { id, type, config } = item;
    if (typeof id !== "string" || typeof type !== "string") return [];
    const known = typeof config === "object" && config !== null && !Array.isArray(config) ? config : {};
    return [{ id, type, config: known }];
  });
}

/** Ids of the nodes that an output leads to. */
function behind(document: GraphDocument, output: string): string[] {
  const list = Array.isArray(document.connections) ? document.connections : [];
  const [node, port = "out"] = output.split(".");
  return list.flatMap((item) => {
    if (typeof item !== "object" || item === null || Array.isArray(item)) return [];
    const { from, to } = item;
    if (typeof from !== "string" || typeof to !== "string") return [];
    const [source, sourcePort = "out"] = from.split(".");
    return source === node && sourcePort === port ? [to.split(".")[0] ?? ""] : [];
  });
}

function pointsOf(value: unknown): [number | null, number][] {
  if (typeof value === "number") return [[null, value]];
  if (!Array.isArray(value)) return [];
  return value.flatMap((point) => {
    const [x, y] = Array.isArray(point) ? point : [];
    return typeof x === "number" && typeof y === "number" ? [[x, y] as [number, number]] : [];
  });
}

/** Limits that are judged right behind an output, and those of the node itself: a judge passes frames on. */
export function limitsOf(document: GraphDocument, output: string): LimitCurve[] {
  const wanted = new Set([...behind(document, output), output.split(".")[0] ?? ""]);
  return nodesOf(document)
    .filter(
      (node) =>
        wanted.has(node.id) &&
        (node.type === "Mask" || node.type === "Limit") &&
        node.config.floating !== true,
    )
    .flatMap((node) =>
      (["upper", "lower"] as const).flatMap((side) => {
        const points = pointsOf(node.config[side]);
        const value = typeof node.config.value === "string" ? node.config.value : null;
        return points.length > 0 ? [{ node: node.id, side, points, value }] : [];
      }),
    );
}

/** The node that gives the verdict on an edge: its own, where it judges, else a judge right behind it. */
export function judgeOf(document: GraphDocument, output: string): string | null {
  const nodes = new Map(nodesOf(document).map((node) => [node.id, node]));
  const own = output.split(".")[0] ?? "";
  return [own, ...behind(document, output)].find((id) => JUDGES.has(nodes.get(id)?.type ?? "")) ?? null;
}

export function useJudgement(pipeline: string, output: string): Judgement {
  const [document, setDocument] = useState<GraphDocument | null>(null);
  useEffect(() => {
    let wanted = true;
    const fetch = () =>
      void api.pipeline(pipeline).then(
        (found) => wanted && setDocument(found.document ?? null),
        () => wanted && setDocument(null),
      );
    fetch();
    // A graph that was applied may have other limits.
    let since = Number.NaN;
    const end = control.on("pipeline", ({ pipeline: told }) => {
      if (told.id !== pipeline || told.since === since) return;
      since = told.since;
      fetch();
    });
    return () => {
      wanted = false;
      end();
    };
  }, [pipeline]);
  const judge = useMemo(() => (document ? judgeOf(document, output) : null), [document, output]);
  const limits = useMemo(() => (document ? limitsOf(document, output) : NONE), [document, output]);
  const verdict = useRuns((state) => (judge ? (state.verdicts[pipeline]?.[judge] ?? null) : null));
  return { judges: judge !== null, limits, verdict };
}
