/** Results of one's own actions. Kept apart from what shows them, which is fetched with the first one. */

export type ToastMessage = { title: string; description?: string };
type Listener = (message: ToastMessage) => void;

let listener: Listener | undefined;

/** Says that something was done. Errors are never told this way: they stay where they happened. */
export function announceDone(message: ToastMessage): void {
  listener?.(message);
}

/** The one place that shows messages; returns how to stop. */
export function onAnnounced(next: Listener): () => void {
  listener = next;
  return () => {
    if (listener === next) listener = undefined;
  };
}
