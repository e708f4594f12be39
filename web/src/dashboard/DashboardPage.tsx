import { TopBar } from "../ui/TopBar";

/** The front panel of a pipeline (`p1`) or of a saved graph (`line1/hum.json`). */
export default function DashboardPage({ target }: { target: string | null }) {
  return (
    <div className="page">
      <TopBar title={target ?? "Dashboard"} />
      <main className="page-main" />
    </div>
  );
}
