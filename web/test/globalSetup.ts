/** The real catalogue of node types, from the Python package beside this folder: the forms are tested with every type. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { TestProject } from "vitest/node";
import type { NodeType } from "../src/api/types";

declare module "vitest" {
  export interface ProvidedContext {
    catalogue: NodeType[];
  }
}

const SCRIPT =
  "import json; from streamlab.server.catalogue import catalogue; print(json.dumps(catalogue()))";

export default function setup(project: TestProject): void {
  const root = resolve(import.meta.dirname, "../..");
  const own = resolve(root, ".venv/bin/python");
  const python = process.env.STREAMLAB_PYTHON ?? (existsSync(own) ? own : "python3");
  const environment = { ...process.env, PYTHONPATH: resolve(root, "src") };
  let text: string;
  try {
    text = execFileSync(python, ["-c", SCRIPT], { encoding: "utf8", env: environment, maxBuffer: 1 << 26 });
  } catch (error) {
    throw new Error(
      `The tests need StreamLab's Python environment (make test makes it, STREAMLAB_PYTHON names it): ${error}`,
    );
  }
  project.provide("catalogue", JSON.parse(text) as NodeType[]);
}
