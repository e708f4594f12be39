import { useMemo } from "react";
import { textOf, useDocument, useEditor } from "../store/editor";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { diffLines, excerpt } from "./diff";
import { overwrite, takeTheirs } from "./files";
import { closeOverlay, show } from "./uiState";

const MARK = { same: " ", old: "−", new: "+" };

/** The file was saved by somebody else meanwhile: what differs, and what is to be done. Nothing is lost by any choice but one, which says so. */
export function ConflictDialog({ revision, text }: { revision: string; text: string }) {
  const path = useEditor((state) => state.path);
  const document = useDocument();
  const lines = useMemo(() => excerpt(diffLines(text, textOf(document))), [text, document]);
  return (
    <Dialog
      title={`${path ?? "The graph"} was changed by somebody else`}
      wide
      onClose={closeOverlay}
      actions={
        <>
          <Button onClick={closeOverlay}>Go on editing</Button>
          <Button onClick={() => show({ kind: "saveAs" })}>Save mine under another name…</Button>
          <Button onClick={() => takeTheirs(text, revision)}>Take theirs (undo gives mine back)</Button>
          <Button kind="danger" onClick={() => void overwrite(revision)}>
            Overwrite theirs
          </Button>
        </>
      }
    >
      <p className="dialog-text">
        Nothing has been written. Lines with − are in the project now, lines with + are in your version.
      </p>
      <pre className="diff">
        {lines.map((line, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of two constant texts
          <span key={n} className="diff-line" data-kind={line?.kind ?? "cut"}>
            {line ? `${MARK[line.kind]} ${line.text}` : "⋯"}
          </span>
        ))}
      </pre>
    </Dialog>
  );
}
