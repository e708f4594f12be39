import { TopBar } from "../ui/TopBar";

export function HomePage() {
  return (
    <div className="page">
      <TopBar title="Home" />
      <main className="page-main" />
    </div>
  );
}
