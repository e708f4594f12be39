/** Numbers of a JSON text that a browser would change: whole ones beyond 2^53, as seeds may be. */

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

export function lossyNumbers(text: string): string[] {
  return [...text.matchAll(TOKEN)]
    .map(([token]) => token)
    .filter((token) => /^-?\d+$/.test(token) && BigInt(token) !== BigInt(Number(token)));
}
