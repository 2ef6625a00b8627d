/**
 * The tab's one connection for change hints.
 *
 * A hint says what kind of thing changed, never the new value: readers fetch again. So a lost hint costs
 * freshness and nothing else, and after every gap one general hint makes up for all that were missed.
 */
import { CHANGE_TOPICS, type ChangeTopic } from "#lib/domain/change-topic";
import { paths } from "./paths.ts";

/** What changed; `nodes` are ids, and `caughtUp` marks the general hint after a gap. */
export type ChangeHint = { topics: readonly ChangeTopic[]; nodes: readonly string[]; caughtUp: boolean };

/** State of the connection; `sinceMs` is when it began to be so. */
export type StreamState = {
  phase: "connecting" | "live" | "reconnecting" | "offline" | "paused";
  sinceMs: number;
};

export type StreamHandlers = {
  onHint: (hint: ChangeHint) => void;
  onState: (state: StreamState) => void;
};

const GATHER_MS = 1_000;
const FALLBACK_MS = 60_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

/** Opens the stream and returns the function that closes it. Browser only. */
export function openChangeStream({ onHint, onState }: StreamHandlers): () => void {
  let source: EventSource | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let gatherTimer: ReturnType<typeof setTimeout> | undefined;
  let retryMs = FIRST_RETRY_MS;
  let gathered = { topics: new Set<ChangeTopic>(), nodes: new Set<string>() };
  let phase: StreamState["phase"] | undefined;
  let wasLive = false;

  function enter(next: StreamState["phase"]) {
    if (next === phase) return;
    phase = next;
    onState({ phase: next, sinceMs: Date.now() });
  }

  function catchUp() {
    onHint({ topics: CHANGE_TOPICS, nodes: [], caughtUp: true });
  }

  /** Hints that arrive in a burst become one, so that a busy fleet costs one refetch a second. */
  function gather(data: string) {
    const { topics, nodes } = parseHint(data);
    for (const topic of topics) gathered.topics.add(topic);
    for (const node of nodes) gathered.nodes.add(node);
    gatherTimer ??= setTimeout(() => {
      gatherTimer = undefined;
      const hint = { topics: [...gathered.topics], nodes: [...gathered.nodes], caughtUp: false };
      gathered = { topics: new Set(), nodes: new Set() };
      onHint(hint);
    }, GATHER_MS);
  }

  function drop() {
    clearTimeout(retryTimer);
    retryTimer = undefined;
    source?.close();
    source = undefined;
  }

  function connect() {
    drop();
    if (document.visibilityState === "hidden") return enter("paused");
    if (!navigator.onLine) return enter("offline");
    enter(phase === "reconnecting" ? "reconnecting" : "connecting");
    const opened = new EventSource(paths.api.stream());
    source = opened;
    opened.addEventListener("open", () => {
      retryMs = FIRST_RETRY_MS;
      if (wasLive) catchUp();
      wasLive = true;
      enter("live");
    });
    opened.addEventListener("change", (event) => gather(String(event.data)));
    opened.addEventListener("error", () => {
      drop();
      enter(navigator.onLine ? "reconnecting" : "offline");
      retryTimer = setTimeout(connect, retryMs * (0.75 + Math.random() / 2));
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    });
  }

  const fallback = setInterval(() => {
    if (phase === "reconnecting" || phase === "connecting") catchUp();
  }, FALLBACK_MS);

  document.addEventListener("visibilitychange", connect);
  window.addEventListener("online", connect);
  window.addEventListener("offline", connect);
  connect();

  return () => {
    drop();
    clearTimeout(gatherTimer);
    clearInterval(fallback);
    document.removeEventListener("visibilitychange", connect);
    window.removeEventListener("online", connect);
    window.removeEventListener("offline", connect);
  };
}

/** Reads a hint; anything unreadable counts as "everything changed", never as nothing. */
export function parseHint(data: string): { topics: readonly ChangeTopic[]; nodes: readonly string[] } {
  try {
    const value = JSON.parse(data) as { topics?: unknown; nodes?: unknown } | null;
    const topics = Array.isArray(value?.topics)
      ? CHANGE_TOPICS.filter((t) => (value.topics as unknown[]).includes(t))
      : CHANGE_TOPICS;
    const nodes = Array.isArray(value?.nodes)
      ? value.nodes.filter((id): id is string => typeof id === "string")
      : [];
    return { topics, nodes };
  } catch {
    return { topics: CHANGE_TOPICS, nodes: [] };
  }
}
