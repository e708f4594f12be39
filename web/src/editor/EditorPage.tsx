import { TopBar } from "../ui/TopBar";

export default function EditorPage({ path }: { path: string | null }) {
  return (
    <div className="page">
      <TopBar title={path ?? "New graph"} />
      <main className="page-main" />
    </div>
  );
}
