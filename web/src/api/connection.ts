/** How things stand with the server: followed by the control socket, read by everybody. */
import { create } from "zustand";

export interface ConnectionState {
  /** `refused`: the server is there and wants its token. */
  status: "closed" | "connecting" | "open" | "lost" | "refused";
  session: string | null;
  role: "edit" | "view" | null;
}

export const useConnection = create<ConnectionState>(() => ({ status: "closed", session: null, role: null }));
