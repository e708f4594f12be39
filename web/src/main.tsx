import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { control } from "./api/control";
import "./theme/tokens.css";
import "./theme/base.css";
import { startTheme } from "./theme/theme";

startTheme();
control.open();

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
