import { Pin, PinOff } from "lucide-react";
import type { JsonObject } from "../api/types";
import { isPanelKind, LivePanel, type PanelOptions, readOptions, savedOptions } from "../live";
import { currentDocument, edit } from "../store/editor";
import { setViews, type View } from "../store/views";
import { IconButton } from "../ui/Button";

/** A view that was pinned is set by what the document says of it; another one by itself. */
export default function Probe({
  pipeline,
  view,
  pinned,
}: {
  pipeline: string;
  view: View;
  pinned: readonly View[];
}) {
  const at = pinned.indexOf(view);
  const { output } = view;
  const change = (part: Partial<View>) =>
    edit(`Set the view of ${output}`, setViews(currentDocument(), pinned.with(at, { ...view, ...part })), {
      merge: `view:${output}`,
    });
  const toggle = () =>
    at >= 0
      ? edit(`Unpin ${output}`, setViews(currentDocument(), pinned.toSpliced(at, 1)))
      : edit(`Pin ${output}`, setViews(currentDocument(), [...pinned, view]));
  const bound =
    at >= 0
      ? {
          kind: isPanelKind(view.kind) ? view.kind : ("auto" as const),
          options: readOptions(view.options),
          onKind: (kind: string) => change({ kind }),
          onOptions: (options: PanelOptions) => change({ options: savedOptions(options) as JsonObject }),
        }
      : {};
  return (
    <section className="probe" aria-label={`Live view of ${output}`}>
      <LivePanel
        pipeline={pipeline}
        edge={output}
        {...bound}
        actions={
          <IconButton
            icon={at >= 0 ? PinOff : Pin}
            size={13}
            label={at >= 0 ? `Unpin ${output}` : `Pin ${output}`}
            aria-pressed={at >= 0}
            onClick={toggle}
          />
        }
      />
    </section>
  );
}
