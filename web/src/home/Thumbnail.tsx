import { memo } from "react";
import type { GraphDocument } from "../api/types";
import { useCatalogue } from "../store/catalogue";
import { viewGraph } from "../store/graph";
import { layered } from "../store/layout";

const SIZE = { width: 104, height: 44 };
const GAPS = { x: 30, y: 14 };
/** Wider than this, the names could not be read any more. */
const READABLE = 620;
const sizeOf = () => SIZE;
const MARGIN = 20;

/** A graph in small: boxes by category, edges as they run. Only to be recognised; what it is stands beside it. */
export const Thumbnail = memo(function Thumbnail({ document }: { document: GraphDocument }) {
  const types = useCatalogue((state) => state.types);
  const view = viewGraph(document, types);
  const places = layered(view, sizeOf, GAPS);
  if (places.size === 0) return <div className="thumbnail" />;
  const xs = [...places.values()].map(([x]) => x);
  const ys = [...places.values()].map(([, y]) => y);
  const [left, top] = [Math.min(...xs) - MARGIN, Math.min(...ys) - MARGIN];
  const width = Math.max(...xs) + SIZE.width + MARGIN - left;
  const height = Math.max(...ys) + SIZE.height + MARGIN - top;
  return (
    <svg
      className="thumbnail"
      viewBox={`${left} ${top} ${width} ${height}`}
      preserveAspectRatio="xMidYMid meet"
      aria-hidden="true"
    >
      {view.edges.map((edge) => {
        const from = places.get(edge.from.node);
        const to = places.get(edge.to.node);
        if (!from || !to) return null;
        const [x1, y1] = [from[0] + SIZE.width, from[1] + SIZE.height / 2];
        const [x2, y2] = [to[0], to[1] + SIZE.height / 2];
        const bend = Math.max(24, (x2 - x1) / 2);
        return <path key={edge.key} d={`M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`} />;
      })}
      {view.nodes.map((node) => {
        const [x, y] = places.get(node.key) ?? [0, 0];
        return (
          <g key={node.key} className="block-icon" data-category={types.get(node.type)?.category}>
            <rect x={x} y={y} width={SIZE.width} height={SIZE.height} rx={9} />
            {width <= READABLE && (
              <text x={x + SIZE.width / 2} y={y + SIZE.height / 2 + 5} textAnchor="middle">
                {node.type.length > 13 ? `${node.type.slice(0, 12)}…` : node.type}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
});
