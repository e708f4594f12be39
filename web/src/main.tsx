import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { control } from "./api/control";
import { followRuns } from "./store/runs";
import "./theme/tokens.css";
import "./theme/base.css";
import { startTheme } from "./theme/theme";

startTheme();
followRuns();
control.open();

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
