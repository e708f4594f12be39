/** The data worker: keeps the socket off the page's own thread. */
import { DataLink, type SocketLike } from "./link";
import type { ToWorker } from "./messages";

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: unknown, transfer: Transferable[]): void;
};

const link = new DataLink({
  open: (url) => new WebSocket(url) as unknown as SocketLike,
  post: (message, transfer) => scope.postMessage(message, transfer),
  now: () => (performance.timeOrigin + performance.now()) / 1000,
  after: (seconds, action) => {
    const timer = setTimeout(action, seconds * 1000);
    return () => clearTimeout(timer);
  },
});

scope.onmessage = (event) => link.take(event.data);
