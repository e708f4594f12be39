/** What a page leaves for the editor that it leads to: run the graph as soon as it is open. */

export interface Handoff {
  path: string;
  run: boolean;
}

let waiting: Handoff | null = null;

export function leave(handoff: Handoff): void {
  waiting = handoff;
}

/** Taken once, and only for the graph that it was left for. */
export function take(path: string | null): Handoff | null {
  const found = waiting?.path === path ? waiting : null;
  waiting = null;
  return found;
}
