/** What the server answers: docs/reference/page-api.md, in types. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export interface Problem {
  /** JSON pointer into the document; "" is the whole document. */
  pointer: string;
  message: string;
  expected: string;
  found: string;
  hint: string;
  /** Id of the node, or "". */
  node: string;
  kind: string;
}

export interface ErrorBody {
  code: string;
  message: string;
  hint?: string;
  problems?: Problem[];
  failure?: RunError;
  current?: { revision: string; document: GraphDocument; modified: number };
}

/** JSON Schema 2020-12, as far as parameters use it. */
export interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: Json;
  enum?: Json[];
  const?: Json;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minItems?: number;
  maxItems?: number;
  items?: Schema;
  prefixItems?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  required?: string[];
  $ref?: string;
  $defs?: Record<string, Schema>;
  "x-unit"?: string;
  "x-live"?: boolean;
  "x-path"?: "input" | "output";
  /** Text of several lines; the page's own fields have it. */
  "x-long"?: boolean;
}

export interface Port {
  name: string;
}

export interface NodeType {
  type: string;
  category: string;
  summary: string;
  doc: string;
  kind: string;
  source: boolean;
  trigger: boolean;
  blocking: boolean;
  inputs: Port[];
  outputs: Port[];
  parameters: Schema;
}

/** A graph document. Unknown keys are kept. */
export interface GraphDocument {
  [key: string]: Json | undefined;
}

export interface Channel {
  name: string;
  unit: string | null;
  quantity: string | null;
  reference: string | null;
  range: number | null;
}

export interface StreamInfo {
  axis: string;
  rate: number | null;
  rate_exact: [number, number] | null;
  channels: Channel[];
  points: number | null;
}

export interface PlanEdge {
  id: string;
  index: number;
  from: string;
  to: string;
  fused: boolean;
  capacity: number | null;
  policy: string;
}

export interface Validation {
  ok: boolean;
  problems: Problem[];
  /** As problems, but they stop nothing: an input file that is not there yet. */
  notices: Problem[];
  triggers: string[];
  sources: string[];
  sinks: string[];
  outputs: Record<string, StreamInfo | null>;
  edges: PlanEdge[];
  segments: { index: number; kind: string; executor: string; nodes: string[] }[];
  max_in_flight: number | null;
}

export interface Target {
  port: string;
  ok: boolean;
  reason: string;
}

export interface Hello {
  version: string;
  role: "edit" | "view";
  project: { name: string; folder: string };
  open: string | null;
  features: Record<string, boolean>;
}

export interface GraphEntry {
  path: string;
  name: string;
  about: string;
  nodes: number;
  modified: number;
  revision: string;
}

export interface GraphFile {
  path: string;
  revision: string;
  modified: number;
  document: GraphDocument;
  text: string;
  problems: Problem[];
}

export interface Saved {
  path: string;
  revision: string;
  modified: number;
}

export interface Example {
  id: string;
  name: string;
  about: string;
  nodes: number;
  needs: string[];
  ready: boolean;
  document: GraphDocument;
}

export interface FileEntry {
  path: string;
  size: number;
  modified: number;
  audio: { channels: number; rate: number; duration: number } | null;
}

export type PipelineState = "created" | "starting" | "running" | "stopping" | "stopped" | "failed";

export interface RunError {
  type: string;
  message: string;
  node: string | null;
  phase: string;
  sequence: number | null;
  pointer: string;
  trace: string;
  hint: string;
}

export interface Pipeline {
  id: string;
  name: string;
  path: string | null;
  revision: string | null;
  state: PipelineState;
  reason: string;
  pace: "realtime" | "graph";
  since: number;
  started: number | null;
  seconds: number;
  triggers: string[];
  sources: string[];
  duration: number | null;
  drive: "auto" | "manual";
  live: Record<string, JsonObject>;
  /** What flows where nothing was known before it ran. */
  outputs?: Record<string, StreamInfo | null>;
  error: RunError | null;
  verdict: string | null;
  /** Of each judging node the last one told. */
  verdicts?: Record<string, Verdict>;
  document?: GraphDocument;
}

export interface NodeMetrics {
  frames_in: number;
  frames_out: number;
  dropped: number;
  failed: number;
  emitted: number;
  rate: number;
  busy: number;
}

export interface EdgeMetrics {
  frames: number;
  rate: number;
  queued: number | null;
  capacity: number | null;
  dropped: number;
  failed: number;
  fused: boolean;
}

export interface Metrics {
  type: "metrics";
  pipeline: string;
  time: number;
  state: PipelineState;
  seconds: number;
  duration: number;
  load: number | null;
  frames_in: number;
  frames_out: number;
  dropped: number;
  failed: number;
  undelivered: number;
  nodes: Record<string, NodeMetrics>;
  edges: Record<string, EdgeMetrics>;
}

export interface Verdict {
  outcome: "PASS" | "MARGINAL" | "FAIL" | "INVALID" | "NOT_RUN";
  reason: string;
  value: number | null;
  unit: string;
  time: number | null;
  channel: string;
  margin: number | null;
  count: number;
  frequency: number | null;
}

export interface LogLine {
  time: number;
  level: string;
  text: string;
}

export interface Results {
  results: Record<string, Json>;
  verdict: string | null;
  report: Json;
}

export type ViewKind = "strip" | "scope" | "spectrum" | "waterfall" | "levels" | "scalar";

/** What arrives on the control socket besides answers. */
export interface ControlEvents {
  hello: {
    type: "hello";
    session: string;
    version: string;
    role: "edit" | "view";
    time: number;
    pipelines: Pipeline[];
  };
  pipeline: { type: "pipeline"; pipeline: Pipeline };
  gone: { type: "gone"; pipeline: string };
  metrics: Metrics;
  live: { type: "live"; pipeline: string; node: string; values: JsonObject };
  result: { type: "result"; pipeline: string; node: string; value: Json };
  verdict: { type: "verdict"; pipeline: string; node: string; verdict: Verdict; final: boolean };
  log: { type: "log"; pipeline: string; lines: LogLine[]; dropped?: number };
  saved: { type: "saved"; path: string; revision: string | null; session: string | null };
  stream: { type: "stream"; stream: number; error: ErrorBody };
}
