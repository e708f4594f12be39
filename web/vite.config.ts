import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// `streamlab serve --no-browser` prints the address and the token; `npm run dev` talks to it through this proxy.
const server = process.env.STREAMLAB_URL ?? "http://127.0.0.1:8710";
const token = process.env.STREAMLAB_TOKEN ?? "";

export default defineConfig({
  base: "/",
  plugins: [react()],
  build: {
    outDir: "../src/streamlab/server/_web",
    emptyOutDir: true,
    target: ["chrome123", "firefox120", "safari17.5"],
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // Nothing as a data: address: the policy allows fonts and workers only as files of the bundle.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: true,
  },
  worker: { format: "es" },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/api": {
        target: server,
        ws: true,
        changeOrigin: true,
        headers: { Authorization: `Bearer ${token}`, Origin: server },
      },
    },
  },
});
