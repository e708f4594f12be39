import { Play } from "lucide-react";
import type { Example } from "../api/types";
import { Button } from "../ui/Button";
import { openExample } from "./starts";
import { Thumbnail } from "./Thumbnail";

/** Each is copied into the project when it is opened; nothing of it needs hardware unless it says so. */
export function Examples({ examples, edit }: { examples: readonly Example[] | null; edit: boolean }) {
  if (!examples || examples.length === 0) return null;
  return (
    <section className="home-section" aria-label="Examples">
      <h2>Examples</h2>
      <ul className="examples">
        {examples.map((example) => (
          <li key={example.id} className="example">
            <Thumbnail document={example.document} />
            <div className="example-text">
              <h3>{example.name}</h3>
              <p>{example.about || `${example.nodes} nodes`}</p>
              {!example.ready && <p className="example-needs">Needs {example.needs.join(", ")}</p>}
            </div>
            {edit && (
              <div className="example-actions">
                <Button
                  kind="primary"
                  icon={Play}
                  disabled={!example.ready}
                  aria-label={`Run the example ${example.name}`}
                  onClick={() => void openExample(example, true)}
                >
                  Run
                </Button>
                <Button
                  aria-label={`Open the example ${example.name}`}
                  onClick={() => void openExample(example, false)}
                >
                  Open
                </Button>
              </div>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
