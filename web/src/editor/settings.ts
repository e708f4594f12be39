/** What the graph file has for nodes, edges and the graph besides parameters, as schemas: the same fields edit them. */
import type { Schema } from "../api/types";

const EXECUTOR = ["inline", "thread", "process"];
const JOIN = "How frames of several inputs are put together";

export const NODE_SETTINGS: readonly { name: string; schema: Schema; joins?: boolean }[] = [
  {
    name: "on_error",
    schema: {
      type: "string",
      enum: ["fail", "skip"],
      default: "fail",
      description: "A frame that fails ends the run, or is left out and counted",
    },
  },
  {
    name: "executor",
    schema: {
      anyOf: [{ type: "string", enum: EXECUTOR }, { type: "null" }],
      default: null,
      description: "Where it works; as the graph says when not set",
    },
  },
  { name: "isolate", schema: { type: "boolean", default: false, description: "A segment of its own" } },
  {
    name: "join",
    schema: { type: "object", description: `${JOIN}: {"policy": "zip"}, "align", "latest" or "merge"` },
    joins: true,
  },
];

export const EDGE_SETTINGS: readonly { name: string; schema: Schema }[] = [
  {
    name: "policy",
    schema: {
      type: "string",
      enum: ["block", "drop_oldest", "latest", "drop_newest", "error"],
      default: "block",
      description: "What a full edge does: hold up the sender, or drop",
    },
  },
  {
    name: "capacity",
    schema: {
      anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }],
      default: null,
      "x-unit": "frames",
      description: "Frames that it holds; as the graph says when not set",
    },
  },
];

export const GRAPH_SETTINGS: readonly { name: string; schema: Schema }[] = [
  {
    name: "channel_capacity",
    schema: {
      type: "integer",
      minimum: 1,
      default: 10,
      "x-unit": "frames",
      description: "Frames that an edge holds",
    },
  },
  {
    name: "fuse",
    schema: { type: "boolean", default: true, description: "Run neighbouring nodes as one segment" },
  },
  {
    name: "executor",
    schema: {
      type: "string",
      enum: EXECUTOR,
      default: "inline",
      description: "Where nodes work that do not say it",
    },
  },
];
