/** The server's HTTP part. The cookie comes with every request by itself. */
import { encodePath } from "../routes";
import { useConnection } from "./connection";
import type {
  ErrorBody,
  Example,
  FileEntry,
  GraphDocument,
  GraphEntry,
  GraphFile,
  Hello,
  JsonObject,
  LogLine,
  NodeType,
  Pipeline,
  Problem,
  Results,
  Saved,
  Schema,
  Target,
  Validation,
} from "./types";

/** An answer of 400 and more, or no answer at all (status 0, code `network`). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string;
  readonly problems: Problem[];
  readonly current: ErrorBody["current"];

  constructor(status: number, body: ErrorBody) {
    super(body.message);
    this.name = "ApiError";
    this.status = status;
    this.code = body.code;
    this.hint = body.hint ?? "";
    this.problems = body.problems ?? [];
    this.current = body.current;
  }
}

async function errorOf(answer: Response): Promise<ApiError> {
  try {
    const body = (await answer.json()) as { error: ErrorBody };
    return new ApiError(answer.status, body.error);
  } catch {
    return new ApiError(answer.status, {
      code: "internal",
      message: `The server answered ${answer.status} ${answer.statusText}`,
    });
  }
}

async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const init: RequestInit = { method, credentials: "same-origin" };
  if (signal) init.signal = signal;
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { "Content-Type": "application/json" };
  }
  // So that the message of what was saved can be told from that of another tab.
  const { session } = useConnection.getState();
  if (session && method !== "GET") init.headers = { ...init.headers, "X-Session": session };
  let answer: Response;
  try {
    answer = await fetch(`/api${path}`, init);
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError(0, { code: "network", message: "The server cannot be reached" });
  }
  if (!answer.ok) throw await errorOf(answer);
  if (answer.status === 204) return undefined as T;
  return (await answer.json()) as T;
}

export interface DeployOptions {
  document?: GraphDocument;
  path?: string;
  revision?: string;
  start?: boolean;
  pace?: "realtime" | "graph";
  drive?: "auto" | "manual";
  duration?: number | null;
}

export const api = {
  hello: () => call<Hello>("GET", "/hello"),
  nodes: async () => (await call<{ nodes: NodeType[] }>("GET", "/nodes")).nodes,
  schema: () => call<Schema>("GET", "/schema"),
  viewLink: async () => (await call<{ url: string }>("GET", "/view-link")).url,

  validate: (document: GraphDocument, path: string | null, signal?: AbortSignal) =>
    call<Validation>("POST", "/validate", path ? { document, path } : { document }, signal),
  targets: async (document: GraphDocument, end: { from: string } | { to: string }, signal?: AbortSignal) =>
    (await call<{ targets: Target[] }>("POST", "/connect", { document, ...end }, signal)).targets,

  graphs: async () => (await call<{ graphs: GraphEntry[] }>("GET", "/graphs")).graphs,
  graph: (path: string) => call<GraphFile>("GET", `/graphs/${encodePath(path)}`),
  save: (path: string, document: GraphDocument, base: string | null, force = false) =>
    call<Saved>("PUT", `/graphs/${encodePath(path)}`, force ? { document, base, force } : { document, base }),
  move: (path: string, to: string) => call<Saved>("POST", `/graphs/${encodePath(path)}/move`, { to }),
  remove: (path: string, base: string) =>
    call<void>("DELETE", `/graphs/${encodePath(path)}?base=${encodeURIComponent(base)}`),
  examples: async () => (await call<{ examples: Example[] }>("GET", "/examples")).examples,
  openExample: (id: string) =>
    call<{ path: string; revision: string }>("POST", `/examples/${encodeURIComponent(id)}/open`, {}),

  files: async (role: "input" | "output" = "input") =>
    (await call<{ files: FileEntry[] }>("GET", `/files?role=${role}`)).files,
  fileHref: (path: string, role: "input" | "output" = "input") =>
    `/api/files/${encodePath(path)}${role === "output" ? "?role=output" : ""}`,
  upload: async (file: Blob, path: string, exists: "error" | "overwrite" | "number" = "number") => {
    const answer = await fetch(`/api/files/${encodePath(path)}?if_exists=${exists}`, {
      method: "PUT",
      body: file,
      headers: { "Content-Type": "application/octet-stream" },
    });
    if (!answer.ok) throw await errorOf(answer);
    return (await answer.json()) as { path: string; size: number };
  },

  deploy: (options: DeployOptions) => call<Pipeline>("POST", "/pipelines", options),
  pipelines: async () => (await call<{ pipelines: Pipeline[] }>("GET", "/pipelines")).pipelines,
  pipeline: (id: string) => call<Pipeline>("GET", `/pipelines/${id}`),
  start: (id: string, options: Pick<DeployOptions, "pace" | "drive" | "duration"> = {}) =>
    call<Pipeline>("POST", `/pipelines/${id}/start`, options),
  stop: (id: string, timeout = 5) => call<Pipeline>("POST", `/pipelines/${id}/stop`, { timeout }),
  finish: (id: string) => call<Pipeline>("POST", `/pipelines/${id}/finish`, {}),
  trigger: (id: string, count = 1, to: string | null = null) =>
    call<{ given: number }>("POST", `/pipelines/${id}/trigger`, { count, to }),
  apply: (id: string, document: GraphDocument, revision?: string | null) =>
    call<Pipeline>("PUT", `/pipelines/${id}/graph`, { document, revision: revision ?? null }),
  setLive: (id: string, node: string, values: JsonObject) =>
    call<{ live: JsonObject }>("PATCH", `/pipelines/${id}/nodes/${encodeURIComponent(node)}`, values),
  discard: (id: string) => call<void>("DELETE", `/pipelines/${id}`),
  results: (id: string) => call<Results>("GET", `/pipelines/${id}/results`),
  log: async (id: string) => (await call<{ lines: LogLine[] }>("GET", `/pipelines/${id}/log`)).lines,
  plan: (id: string) => call<{ text: string }>("GET", `/pipelines/${id}/plan`),
  reportHref: (id: string) => `/api/pipelines/${id}/report`,
};
