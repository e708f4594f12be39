import { lazy, Suspense } from "react";
import { HomePage } from "./home/HomePage";
import { Diagnostics } from "./live/diagnostics/Diagnostics";
import { useRoute } from "./routes";
import { Toasts } from "./ui/Toasts";
import "./ui/ui.css";
import { ConnectionBanner } from "./ui/ConnectionBanner";

const EditorPage = lazy(() => import("./editor/EditorPage"));
const DashboardPage = lazy(() => import("./dashboard/DashboardPage"));

export function App() {
  const route = useRoute();
  return (
    <>
      <ConnectionBanner />
      <Suspense fallback={<div className="page-loading" role="status" aria-label="Loading" />}>
        {route.page === "home" && <HomePage />}
        {route.page === "edit" && <EditorPage path={route.path} />}
        {route.page === "dashboard" && <DashboardPage target={route.target} />}
      </Suspense>
      <Toasts />
      <Diagnostics />
    </>
  );
}
