import { FilePlus, FolderOpen, Play, Upload } from "lucide-react";
import { type DragEvent, useCallback, useEffect, useRef, useState } from "react";
import { useConnection } from "../api/connection";
import { control } from "../api/control";
import { api } from "../api/http";
import type { Example, GraphEntry, Hello } from "../api/types";
import { navigate, routeHref } from "../routes";
import { loadCatalogue } from "../store/catalogue";
import { Button } from "../ui/Button";
import { TopBar } from "../ui/TopBar";
import "../ui/categories.css";
import { Examples } from "./Examples";
import { Graphs } from "./Graphs";
import { Health } from "./Health";
import "./home.css";
import { Runs } from "./Runs";
import { analyse, startFirst } from "./starts";

/** S1: begin, go on, see what ran. */
export function HomePage() {
  const [hello, setHello] = useState<Hello | null>(null);
  const [graphs, setGraphs] = useState<readonly GraphEntry[] | null>(null);
  const [examples, setExamples] = useState<readonly Example[] | null>(null);
  const open = useConnection((state) => state.status === "open");
  const edit = useConnection((state) => state.role !== "view");

  const fetchGraphs = useCallback(() => {
    api.graphs().then(
      (all) => setGraphs(all.toSorted((a, b) => b.modified - a.modified)),
      () => undefined,
    );
  }, []);
  useEffect(() => {
    if (!open) return;
    void loadCatalogue();
    api.hello().then(setHello, () => undefined);
    api.examples().then(setExamples, () => setExamples([]));
    fetchGraphs();
    return control.on("saved", fetchGraphs);
  }, [open, fetchGraphs]);
  // A graph that was named on the command line is what one came for; home is a click away.
  useOpenOnce(hello);

  return (
    <div className="page">
      <TopBar title={hello?.project.name ?? "StreamLab"} />
      <main className="home">
        <div className="home-columns">
          <div className="home-main">
            {edit && <Begin fresh={graphs?.length === 0} />}
            <Graphs graphs={graphs} />
            <Examples examples={examples} edit={edit} />
          </div>
          <aside className="home-side" aria-label="Runs">
            <Runs />
          </aside>
        </div>
      </main>
      <Health hello={hello} />
    </div>
  );
}

let wentThere = false;

function useOpenOnce(hello: Hello | null): void {
  useEffect(() => {
    if (!hello?.open || wentThere || location.hash.length > 2) return;
    wentThere = true;
    navigate({ page: "edit", path: hello.open });
  }, [hello]);
}

/** Three ways to begin; the first is large as long as there is nothing yet. */
function Begin({ fresh }: { fresh: boolean }) {
  const chooser = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer.files;
    if (file) void analyse(file);
  };
  return (
    <section className="begin" data-fresh={fresh} aria-label="Begin">
      <article className="begin-card begin-first">
        <h2>See it work</h2>
        <p>A tone and its spectrum, running in a second. No hardware, no files.</p>
        <Button kind="primary" icon={Play} onClick={() => void startFirst()}>
          Run sine to spectrum
        </Button>
      </article>
      <article
        className="begin-card"
        data-over={over}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <h2>Analyse a recording</h2>
        <p>Third octaves and spectrum of a WAV or FLAC file. Drop it here, or choose it.</p>
        <Button icon={Upload} onClick={() => chooser.current?.click()}>
          Choose a recording…
        </Button>
        <input
          ref={chooser}
          type="file"
          className="sr-only"
          tabIndex={-1}
          accept=".wav,.flac,.w64,.rf64,.aiff,.ogg,audio/*"
          aria-label="Recording to analyse"
          onChange={(event) => {
            const [file] = event.target.files ?? [];
            if (file) void analyse(file);
          }}
        />
      </article>
      <article className="begin-card">
        <h2>Draw a graph</h2>
        <p>Sources, filters, measurements and limits, connected as you need them.</p>
        <div className="begin-row">
          <a className="button button-plain" href={routeHref({ page: "edit", path: null })}>
            <FilePlus size={14} aria-hidden="true" /> New graph
          </a>
          {!fresh && (
            <Button kind="ghost" icon={FolderOpen} onClick={scrollToGraphs}>
              Open one
            </Button>
          )}
        </div>
      </article>
    </section>
  );
}

/** Not by the fragment: that is the page's route. */
function scrollToGraphs(): void {
  document.getElementById("graphs")?.scrollIntoView({ behavior: "smooth" });
  document.querySelector<HTMLElement>("#graphs a")?.focus({ preventScroll: true });
}
