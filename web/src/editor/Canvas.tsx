import {
  applyNodeChanges,
  Background,
  BackgroundVariant,
  type Connection,
  ConnectionMode,
  type FinalConnectionState,
  MiniMap,
  type NodeChange,
  type OnConnectStartParams,
  ReactFlow,
  SelectionMode,
} from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { type DragEvent, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useCatalogue } from "../store/catalogue";
import { moveNodes } from "../store/commands";
import { edit, select, useDocument, useEditor } from "../store/editor";
import { portsOf, viewGraph } from "../store/graph";
import { placesOf } from "../store/layout";
import { addNode } from "./actions";
import { Block } from "./Block";
import "./canvas.css";
import { ConnectionHint } from "./ConnectionHint";
import { connect, endConnecting, ordered, reasonAgainst, startConnecting } from "./connect";
import { fitView, fromScreen, setFlow, setPointer } from "./flow";
import { size } from "./geometry";
import { StreamEdge } from "./StreamEdge";
import { type BlockNode, buildEdges, buildNodes, type StreamEdge as Stream } from "./scene";
import { type OpenEnd, show, useUi } from "./uiState";

const NODE_TYPES = { block: Block };
const EDGE_TYPES = { stream: StreamEdge };
/** What a type from the palette is while it is dragged. */
export const DRAG_TYPE = "application/x-streamlab-node";
const NO_KEY = null;
const MINIMAP = { width: 168, height: 112 };

export function Canvas() {
  const document = useDocument();
  const types = useCatalogue((state) => state.types);
  const selection = useEditor((state) => state.selection);
  const opened = useEditor((state) => state.opened);
  const minimap = useUi((state) => state.minimap);
  const view = viewGraph(document, types);
  const ports = useMemo(() => portsOf(view, types), [view, types]);
  const places = useMemo(
    () => placesOf(view, (key) => size(ports.get(key) ?? { inputs: [], outputs: [] })),
    [view, ports],
  );

  const [nodes, setNodes] = useState<BlockNode[]>([]);
  const [edges, setEdges] = useState<Stream[]>([]);
  const dragging = useRef(false);
  // In the same frame as the document, not in the one after it.
  useLayoutEffect(() => {
    setNodes((before) => buildNodes(before, view, ports, places, types, selection));
    setEdges((before) => buildEdges(before, view, selection));
  }, [view, ports, places, types, selection]);

  const known = useCatalogue((state) => state.status === "ready");
  const drawn = nodes.length === view.nodes.length;
  const fitted = useRef(-1);
  useEffect(() => {
    if (!known || !drawn || fitted.current === opened) return;
    // Once for each document that is opened; the first node of an empty one moves nothing.
    fitted.current = opened;
    if (nodes.length > 0) requestAnimationFrame(() => fitView());
  }, [opened, known, drawn, nodes]);

  /** Places as they are drawn become places of the document; all of them, if some had none. */
  const commit = useCallback(
    (moved: ReadonlyMap<string, { x: number; y: number }>, merge: string | null) => {
      const all = view.nodes.flatMap((node) => {
        const at = moved.get(node.key);
        if (at) return [{ node, at: [at.x, at.y] as const }];
        const place = node.position ? undefined : places.get(node.key);
        return place ? [{ node, at: place }] : [];
      });
      const label = moved.size === 1 ? `Move ${[...moved.keys()][0]}` : `Move ${moved.size} nodes`;
      edit(label, moveNodes(all), merge ? { merge } : {});
    },
    [view, places],
  );

  const onNodesChange = useCallback(
    (changes: NodeChange<BlockNode>[]) => {
      const chosen = changes.filter((change) => change.type === "select");
      if (chosen.length > 0) {
        const keys = new Set(useEditor.getState().selection.nodes);
        for (const { id, selected } of chosen) selected ? keys.add(id) : keys.delete(id);
        select(keys, keys.size > 0 ? [] : useEditor.getState().selection.edges);
      }
      const rest = changes.filter((change) => change.type === "position" || change.type === "dimensions");
      if (rest.length > 0) setNodes((before) => applyNodeChanges(rest, before));
      // Arrow keys move without a drag: such a move goes into the history, too.
      if (dragging.current) return;
      const moved = new Map(
        rest.flatMap((change) =>
          change.type === "position" && !change.dragging && change.position
            ? [[change.id, change.position]]
            : [],
        ),
      );
      if (moved.size > 0) commit(moved, "nudge");
    },
    [commit],
  );

  const onConnectStart = useCallback(
    (_event: unknown, { nodeId, handleId, handleType }: OnConnectStartParams) => {
      if (nodeId && handleId)
        startConnecting({
          node: nodeId,
          port: handleId,
          side: handleType === "source" ? "outputs" : "inputs",
        });
    },
    [],
  );

  const onConnectEnd = useCallback((event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
    const { connecting } = useUi.getState();
    endConnecting();
    if (!connecting) return;
    const { toHandle, toNode } = state;
    if (toHandle?.id)
      connect(connecting.from, { node: toHandle.nodeId, port: toHandle.id }, connecting.targets);
    else if (!toNode) {
      const point = "changedTouches" in event ? event.changedTouches[0] : event;
      const over = (event.target as Element | null)?.closest(".react-flow__pane");
      if (point && over)
        show({ kind: "add", at: fromScreen(point.clientX, point.clientY), connect: connecting.from });
    }
  }, []);

  const isValidConnection = useCallback(
    ({ source, sourceHandle, target, targetHandle }: Connection | Stream) => {
      const { connecting } = useUi.getState();
      if (!connecting || !sourceHandle || !targetHandle) return false;
      const other =
        connecting.from.side === "outputs"
          ? { node: target, port: targetHandle }
          : { node: source, port: sourceHandle };
      return reasonAgainst(connecting.from, other, connecting.targets) === null;
    },
    [],
  );

  const onDrop = (event: DragEvent) => {
    const type = event.dataTransfer.getData(DRAG_TYPE);
    if (!type) return;
    event.preventDefault();
    const [x, y] = fromScreen(event.clientX, event.clientY);
    addNode(type, { at: [x - 90, y - 20] });
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a place to drop on; the palette does the same by keyboard
    <div
      className="canvas"
      onPointerMove={(event) => setPointer([event.clientX, event.clientY])}
      onPointerLeave={() => setPointer(null)}
      onDragOver={(event) => {
        if (event.dataTransfer.types.includes(DRAG_TYPE)) event.preventDefault();
      }}
      onDrop={onDrop}
    >
      <ReactFlow<BlockNode, Stream>
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onInit={setFlow}
        onNodesChange={onNodesChange}
        onEdgesChange={(changes) => {
          const chosen = changes.filter((change) => change.type === "select");
          if (chosen.length === 0) return;
          const keys = new Set(useEditor.getState().selection.edges);
          for (const { id, selected } of chosen) selected ? keys.add(id) : keys.delete(id);
          select(useEditor.getState().selection.nodes, keys);
        }}
        onNodeDragStart={() => {
          dragging.current = true;
        }}
        onNodeDragStop={(_event, _node, moved) => {
          dragging.current = false;
          commit(new Map(moved.map((node) => [node.id, node.position])), null);
        }}
        onSelectionDragStart={() => {
          dragging.current = true;
        }}
        onSelectionDragStop={(_event, moved) => {
          dragging.current = false;
          commit(new Map(moved.map((node) => [node.id, node.position])), null);
        }}
        onConnectStart={onConnectStart}
        onConnectEnd={onConnectEnd}
        isValidConnection={isValidConnection}
        onPaneClick={() => select([])}
        onEdgeClick={() => useUi.setState({ dock: "live" })}
        connectionMode={ConnectionMode.Strict}
        connectionRadius={32}
        selectionMode={SelectionMode.Partial}
        deleteKeyCode={NO_KEY}
        multiSelectionKeyCode={["Shift", "Control", "Meta"]}
        selectionKeyCode="Shift"
        panActivationKeyCode="Space"
        minZoom={0.1}
        maxZoom={2}
        nodeDragThreshold={2}
        elevateNodesOnSelect={false}
        zoomOnDoubleClick={false}
        proOptions={{ hideAttribution: true }}
        aria-label="Graph"
      >
        <Background
          variant={BackgroundVariant.Dots}
          gap={20}
          size={1.4}
          color="var(--canvas-dot)"
          bgColor="var(--canvas)"
        />
        {minimap && (
          <MiniMap
            className="minimap"
            pannable
            style={MINIMAP}
            zoomable
            ariaLabel="Overview of the graph"
            nodeBorderRadius={4}
          />
        )}
        <ConnectionHint />
      </ReactFlow>
    </div>
  );
}

export type { OpenEnd };
export { ordered };
