import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Pipeline } from "../api/types";
import { LivePanel } from "../live";
import { moved, resized, rows } from "./grid";
import type { DashboardPanel } from "./model";
import { PanelEdit } from "./PanelEdit";
import { changePanel, changePanels, useDashboard } from "./store";

const GAP = 8;
/** Rows that fit a screen are as high as it allows; more of them scroll. */
const FITTING = 16;
const ROW = { least: 40, usual: 56 };

/** Width and height of an element, as they change. */
function useSize() {
  const ref = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new ResizeObserver(() =>
      setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, ...size };
}

/** The panels; while it is edited they can be moved and resized, by pointer or by keys. */
export function PanelGrid({
  pipeline,
  editing,
  may,
}: {
  pipeline: Pipeline | undefined;
  editing: boolean;
  may: boolean;
}) {
  const panels = useDashboard((state) => state.panels);
  const { ref, width, height } = useSize();
  const [preview, setPreview] = useState<DashboardPanel[] | null>(null);
  const shown = preview ?? panels;
  const narrow = width > 0 && width < 720;
  const count = Math.max(1, rows(shown));
  const fit = Math.floor((height - (count - 1) * GAP) / count);
  const row = count <= FITTING && fit >= ROW.least ? Math.max(ROW.least, Math.min(fit, 160)) : ROW.usual;

  const step = (panel: DashboardPanel, dx: number, dy: number, size: boolean) =>
    changePanels((list) =>
      size
        ? resized(list, panel.id, panel.w + dx, panel.h + dy)
        : moved(list, panel.id, panel.x + dx, panel.y + dy),
    );

  return (
    <div className="panel-area" ref={ref}>
      <div
        className={`panel-grid${editing ? " panel-grid-editing" : ""}${narrow ? " panel-grid-narrow" : ""}`}
        style={narrow ? undefined : { gridAutoRows: `${row}px` }}
      >
        {shown.map((panel) => (
          <Place key={panel.id} panel={panel} narrow={narrow}>
            {editing && (
              <PanelEdit
                panel={panel}
                row={row + GAP}
                onStep={(dx, dy, size) => step(panel, dx, dy, size)}
                onDrag={(x, y) => setPreview(moved(panels, panel.id, x, y))}
                onResize={(w, h) => setPreview(resized(panels, panel.id, w, h))}
                onEnd={() => {
                  if (preview) changePanels(() => preview);
                  setPreview(null);
                }}
                onCancel={() => setPreview(null)}
              />
            )}
            {pipeline ? (
              <LivePanel
                pipeline={pipeline.id}
                edge={panel.edge}
                kind={panel.kind}
                options={panel.options}
                title={panel.title || panel.edge.replace(/\.out$/, "")}
                plain={!may}
                onKind={(kind) => changePanel(panel.id, { kind })}
                onOptions={(options) => changePanel(panel.id, { options })}
              />
            ) : (
              <p className="panel-idle">
                <strong>{panel.title || panel.edge}</strong>
                Shows what flows once the graph runs
              </p>
            )}
          </Place>
        ))}
      </div>
    </div>
  );
}

function Place({ panel, narrow, children }: { panel: DashboardPanel; narrow: boolean; children: ReactNode }) {
  const place = {
    gridColumn: `${panel.x + 1} / span ${panel.w}`,
    gridRow: `${panel.y + 1} / span ${panel.h}`,
  };
  const order = { order: panel.y * 12 + panel.x };
  return (
    <div className="panel-place" style={narrow ? order : place} data-panel={panel.id}>
      {children}
    </div>
  );
}
