/** Search in short lists: every word of the query must be found in one of the texts; better places come first. */

const WORD_START = /(^|[\s_\-./(])|(?<=[a-z0-9])(?=[A-Z])/g;

/** 0: not found; the text itself 5, its beginning 4, the beginning of a word 3, inside 2, letters in this order 1. */
function scoreWord(word: string, text: string): number {
  const lower = text.toLowerCase();
  if (lower === word) return 5;
  const at = lower.indexOf(word);
  if (at === 0) return 4;
  if (at > 0) {
    for (const match of text.matchAll(WORD_START))
      if (lower.startsWith(word, match.index + match[0].length)) return 3;
    return 2;
  }
  if (word.length < 3) return 0;
  let from = -1;
  for (const letter of word) {
    from = lower.indexOf(letter, from + 1);
    if (from < 0) return 0;
  }
  return from < word.length * 3 ? 1 : 0;
}

/** Texts in the order of their weight: the first (a name) counts more than the last (a description). */
export function score(query: string, texts: readonly string[]): number {
  let total = 0;
  for (const word of query.toLowerCase().split(/\s+/).filter(Boolean)) {
    let best = 0;
    for (const [n, text] of texts.entries()) {
      const one = scoreWord(word, text);
      // A long text holds nearly any letters in order: only the name may be matched so loosely.
      if (one > 1 || (one === 1 && n === 0)) best = Math.max(best, one * 10 - n * 4);
    }
    if (best <= 0) return 0;
    total += best;
  }
  return total;
}

export function search<T>(items: readonly T[], query: string, texts: (item: T) => readonly string[]): T[] {
  if (!query.trim()) return [...items];
  return items
    .map((item) => ({ item, value: score(query, texts(item)) }))
    .filter(({ value }) => value > 0)
    .toSorted((a, b) => b.value - a.value)
    .map(({ item }) => item);
}
