/** Ways to begin with one click: a graph is made, saved in the project, opened and run. */
import { ApiError, api } from "../api/http";
import type { Example, GraphDocument } from "../api/types";
import { navigate } from "../routes";
import { leave } from "../store/handoff";
import { toast } from "../ui/Toasts";

const at = (x: number, y: number) => ({ position: [x, y] });

/** A tone and its spectrum: nothing is needed, everything moves. */
const FIRST: GraphDocument = {
  version: 1,
  name: "sine to spectrum",
  metadata: {
    about: "A tone of 1 kHz in pascals and its spectrum. Change the frequency while it runs.",
    page: {
      views: [
        { output: "tone.out", kind: "scope", options: { window: 0.01 } },
        { output: "spectrum.out", kind: "spectrum" },
      ],
    },
  },
  nodes: [
    {
      id: "tone",
      type: "SineGenerator",
      config: { frequency: 1000, amplitude: Math.SQRT2, unit: "Pa", channels: ["mic"] },
      metadata: at(0, 0),
    },
    { id: "spectrum", type: "Spectrum", config: { size: 8192, averages: 4 }, metadata: at(260, 0) },
  ],
  connections: [{ from: "tone", to: "spectrum" }],
};

/** Third octaves and sound level of a recording. */
function analysis(path: string, channels: number): GraphDocument {
  const names = channels === 1 ? {} : { channels: Array.from({ length: channels }, (_, n) => `ch${n + 1}`) };
  return {
    version: 1,
    name: `third octaves of ${path}`,
    metadata: {
      about: "Levels in third-octave bands, second by second, and the spectrum.",
      page: {
        views: [
          { output: "recording.out", kind: "strip" },
          { output: "bands.out" },
          { output: "spectrum.out" },
        ],
      },
    },
    nodes: [
      { id: "recording", type: "WavFile", config: { path, ...names }, metadata: at(0, 40) },
      { id: "bands", type: "OctaveBands", config: { fraction: 3 }, metadata: at(260, 0) },
      {
        id: "spectrum",
        type: "Spectrum",
        config: { size: 8192, averages: 8, decibels: true },
        metadata: at(260, 94),
      },
    ],
    connections: [
      { from: "recording", to: "bands" },
      { from: "recording", to: "spectrum" },
    ],
  };
}

function failed(error: unknown): void {
  toast("error", error instanceof ApiError ? error.message : String(error));
}

function openAndRun(path: string): void {
  leave({ path, run: true });
  navigate({ page: "edit", path });
}

/** Save under a free name: `name.json`, `name-2.json`, ... */
async function saveFresh(name: string, document: GraphDocument): Promise<string> {
  for (let n = 1; ; n++) {
    const path = n === 1 ? `${name}.json` : `${name}-${n}.json`;
    try {
      return (await api.save(path, document, null)).path;
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "conflict") || n >= 100) throw error;
    }
  }
}

export async function startFirst(): Promise<void> {
  try {
    openAndRun(await saveFresh("sine-spectrum", FIRST));
  } catch (error) {
    failed(error);
  }
}

export async function analyse(file: File): Promise<void> {
  try {
    const { path } = await api.upload(file, file.name);
    const files = await api.files("input");
    const channels = files.find((one) => one.path === path)?.audio?.channels ?? 1;
    const stem = path.replace(/\.[^.]*$/, "").replaceAll("/", "-");
    openAndRun(await saveFresh(`${stem}-bands`, analysis(path, channels)));
  } catch (error) {
    failed(error);
  }
}

export async function openExample(example: Example, run: boolean): Promise<void> {
  try {
    const { path } = await api.openExample(example.id);
    if (run) openAndRun(path);
    else navigate({ page: "edit", path });
  } catch (error) {
    failed(error);
  }
}

export function runGraph(path: string): void {
  openAndRun(path);
}
