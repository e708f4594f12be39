/** Views that stay in the dock: kept in the document under `metadata.page.views`, so that a graph brings its own. */
import type { GraphDocument, Json, JsonObject } from "../api/types";
import { setDocumentKey } from "./commands";
import { isObject, type Patch } from "./patch";

export interface View {
  /** `node.port`. */
  output: string;
  kind: string;
  options: JsonObject;
}

const NONE: readonly View[] = [];

function page(document: GraphDocument): JsonObject {
  const metadata = isObject(document.metadata) ? document.metadata : {};
  return isObject(metadata.page) ? metadata.page : {};
}

const known = new WeakMap<object, readonly View[]>();

export function viewsOf(document: GraphDocument): readonly View[] {
  const { views } = page(document);
  if (!Array.isArray(views)) return NONE;
  const cached = known.get(views);
  if (cached) return cached;
  const read = views.flatMap((one): View[] => {
    if (!isObject(one) || typeof one.output !== "string") return [];
    const kind = typeof one.kind === "string" ? one.kind : "auto";
    return [{ output: one.output, kind, options: isObject(one.options) ? one.options : {} }];
  });
  known.set(views, read);
  return read;
}

function write(views: readonly View[]): Json {
  return views.map(({ output, kind, options }) => ({
    output,
    ...(kind === "auto" ? {} : { kind }),
    ...(Object.keys(options).length > 0 ? { options } : {}),
  }));
}

export function setViews(document: GraphDocument, views: readonly View[]): Patch[] {
  const metadata = document.metadata;
  if (!isObject(metadata)) return setDocumentKey(document, "metadata", { page: { views: write(views) } });
  if (!isObject(metadata.page))
    return [{ op: "set", path: ["metadata", "page"], value: { views: write(views) } }];
  return [{ op: "set", path: ["metadata", "page", "views"], value: write(views) }];
}
