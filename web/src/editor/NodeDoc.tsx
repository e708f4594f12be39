import { Fragment, type ReactNode } from "react";

interface Parts {
  facts: [string, string][];
  prose: string[];
  example: string;
}

const FACT = /^([A-Z][a-z]+) {2,}(\S.*)$/;

/** A docstring's table of facts (two columns to a line), its paragraphs and its example. */
export function parseDoc(doc: string): Parts {
  const [text = "", example = ""] = doc.split(/\n+Examples?\n-+\n/);
  const facts: [string, string][] = [];
  const prose: string[] = [];
  for (const paragraph of text.split(/\n{2,}/).slice(1)) {
    const lines = paragraph.split("\n");
    if (!lines[0] || !FACT.test(lines[0])) {
      prose.push(paragraph.replace(/\n(?! )/g, " "));
      continue;
    }
    for (const line of lines) {
      const columns = line.split(/ {3,}(?=[A-Z][a-z]+ {2,}\S)/);
      for (const column of columns) {
        const match = FACT.exec(column.trim());
        const last = facts.at(-1);
        if (match) facts.push([match[1] ?? "", match[2]?.trim() ?? ""]);
        else if (last) last[1] += ` ${column.trim()}`;
      }
    }
  }
  return { facts, prose, example: example.trim() };
}

/** ``code`` in a text. */
function withCode(text: string): ReactNode {
  return text.split(/``([^`]+)``/).map((part, n) => {
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of one constant text
    return n % 2 ? <code key={n}>{part}</code> : <Fragment key={n}>{part}</Fragment>;
  });
}

export function NodeDoc({ doc, summary }: { doc: string; summary: string }) {
  const { facts, prose, example } = parseDoc(doc);
  return (
    <article className="doc">
      <p className="doc-summary">{withCode(summary)}</p>
      {facts.length > 0 && (
        <dl className="facts">
          {facts.map(([name, text]) => (
            <Fragment key={name}>
              <dt>{name}</dt>
              <dd>{withCode(text)}</dd>
            </Fragment>
          ))}
        </dl>
      )}
      {prose.map((text) => (
        <p key={text}>{withCode(text)}</p>
      ))}
      {example && (
        <details>
          <summary>Example in Python</summary>
          <pre>{example}</pre>
        </details>
      )}
    </article>
  );
}
