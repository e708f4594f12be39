import { FolderOpen, Upload } from "lucide-react";
import { useRef, useState } from "react";
import { ApiError, api } from "../api/http";
import type { FileEntry } from "../api/types";
import { IconButton } from "../ui/Button";
import { bytes, digits, quantity } from "../ui/format";
import { Picker } from "../ui/Picker";
import { useDraft, type WidgetProps } from "./widgets";

function about(file: FileEntry): string {
  const { audio } = file;
  if (!audio) return bytes(file.size);
  const channels = audio.channels === 1 ? "1 channel" : `${audio.channels} channels`;
  return `${channels} · ${quantity(audio.rate, "Hz")} · ${digits(audio.duration, 3)} s`;
}

/** A file of the project: typed, chosen from a list, or brought in; outputs are typed. */
export function PathWidget(props: WidgetProps & { role: "input" | "output" }) {
  const { id, value, invalid, describedBy, role, onChange, onWrong } = props;
  const [text, setText, focus] = useDraft(typeof value === "string" ? value : "");
  const [files, setFiles] = useState<FileEntry[] | null>(null);
  const chooser = useRef<HTMLInputElement>(null);

  const choose = (path: string) => {
    setText(path);
    onChange(path);
  };
  const failed = (error: unknown) => onWrong(error instanceof ApiError ? error.message : String(error));
  const browse = () => api.files("input").then(setFiles, failed);
  const upload = async (file: File | undefined) => {
    if (!file) return;
    try {
      choose((await api.upload(file, file.name)).path);
    } catch (error) {
      failed(error);
    }
  };
  return (
    <span className="field-input field-path">
      <input
        id={id}
        {...focus}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy || undefined}
        autoComplete="off"
        spellCheck={false}
        value={text}
        placeholder={role === "input" ? "file in the project" : "file to write"}
        onChange={(event) => {
          setText(event.target.value);
          onChange(event.target.value === "" ? undefined : event.target.value);
        }}
      />
      {role === "input" && (
        <>
          <IconButton
            icon={FolderOpen}
            size={14}
            label="Choose a file of the project"
            onClick={() => void browse()}
          />
          <IconButton
            icon={Upload}
            size={14}
            label="Bring in a file"
            onClick={() => chooser.current?.click()}
          />
          <input
            ref={chooser}
            type="file"
            className="sr-only"
            tabIndex={-1}
            aria-label="File to bring in"
            onChange={(event) => void upload(event.target.files?.[0])}
          />
        </>
      )}
      {files && (
        <Picker
          title="Choose a file"
          placeholder="File in the project"
          items={files.map((file) => ({ id: file.path, label: file.path, detail: about(file) }))}
          empty="No recordings in this project. Bring one in, or put it into the project's folder."
          onPick={(item) => {
            choose(item.id);
            setFiles(null);
          }}
          onClose={() => setFiles(null)}
        />
      )}
    </span>
  );
}
