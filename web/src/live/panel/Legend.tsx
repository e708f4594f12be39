import type { PanelChannel } from "./controller";
import type { PanelKind } from "./kinds";

/** Kinds that can leave channels out. */
const SELECTS: readonly (PanelKind | null)[] = ["strip", "scope", "spectrum", "trend"];
/** More are named on the plot itself, or not at all. */
const MOST = 8;

/** Channels with their colours; a click hides one or shows it again. */
export function Legend({
  channels,
  hidden,
  kind,
  onHidden,
}: {
  channels: readonly PanelChannel[];
  hidden: readonly string[];
  kind: PanelKind | null;
  onHidden?: ((hidden: string[]) => void) | undefined;
}) {
  if (channels.length > MOST) return <span className="live-legend-count">{channels.length} channels</span>;
  if (kind === "waterfall") return <span className="live-legend-count">{channels[0]?.name}</span>;
  if (!SELECTS.includes(kind)) return <span className="live-legend" />;
  return (
    <span className="live-legend">
      {channels.map(({ name, colour }) => {
        const off = hidden.includes(name);
        const toggle = () => onHidden?.(off ? hidden.filter((one) => one !== name) : [...hidden, name]);
        const content = (
          <>
            <span
              className="live-swatch"
              style={{ background: off ? "transparent" : colour, borderColor: colour }}
            />
            {name}
          </>
        );
        return onHidden && channels.length > 1 ? (
          <button key={name} type="button" className="live-chip" aria-pressed={!off} onClick={toggle}>
            {content}
          </button>
        ) : (
          <span key={name} className="live-chip">
            {content}
          </span>
        );
      })}
    </span>
  );
}
