/** The node types that the server knows, fetched once. */
import { create } from "zustand";
import { ApiError, api } from "../api/http";
import type { NodeType } from "../api/types";
import type { Types } from "./graph";

interface Catalogue {
  status: "none" | "loading" | "ready" | "failed";
  error: string;
  list: readonly NodeType[];
  types: Types;
}

export const useCatalogue = create<Catalogue>(() => ({
  status: "none",
  error: "",
  list: [],
  types: new Map(),
}));

export function setCatalogue(list: readonly NodeType[]): void {
  useCatalogue.setState({
    status: "ready",
    error: "",
    list,
    types: new Map(list.map((type) => [type.type, type])),
  });
}

export async function loadCatalogue(): Promise<void> {
  const { status } = useCatalogue.getState();
  if (status === "loading" || status === "ready") return;
  useCatalogue.setState({ status: "loading" });
  try {
    setCatalogue(await api.nodes());
  } catch (error) {
    useCatalogue.setState({
      status: "failed",
      error: error instanceof ApiError ? error.message : String(error),
    });
  }
}

export const CATEGORIES: readonly { id: string; label: string }[] = [
  { id: "generators", label: "Generators" },
  { id: "files", label: "Files" },
  { id: "conditioning", label: "Conditioning" },
  { id: "logic", label: "Flow and logic" },
  { id: "measurement", label: "Measurement" },
  { id: "judgement", label: "Judgement" },
  { id: "sinks", label: "Sinks" },
  { id: "other", label: "Other" },
];
