/** One open stream to a browser. */
import "server-only";
import type { ChangeTopic } from "#lib/domain/change-topic";

/** Shortest time between two frames. Milliseconds. */
const FRAME_MS = 1_000;
const NODES_MAX = 50;
/** Frames that may wait for a slow reader before it is dropped; it will connect again. */
const BACKLOG_MAX = 32;
/** How long the browser waits before it connects again. Milliseconds. */
const RETRY_MS = 3_000;

const encoder = new TextEncoder();

/** Collects hints and sends at most one frame a second. */
export class StreamClient {
  readonly stream: ReadableStream<Uint8Array>;
  readonly domains: ReadonlySet<string>;
  readonly sessionId: string;
  readonly #onClosed: () => void;
  readonly #topics = new Set<ChangeTopic>();
  readonly #nodes = new Set<string>();
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #sentAtMs = Number.NEGATIVE_INFINITY;

  constructor(who: { domains: readonly string[]; sessionId: string }, onClosed: () => void) {
    this.domains = new Set(who.domains);
    this.sessionId = who.sessionId;
    this.#onClosed = onClosed;
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
          this.#write(`retry: ${RETRY_MS}\n\n`);
        },
        cancel: () => this.close(),
      },
      new CountQueuingStrategy({ highWaterMark: BACKLOG_MAX }),
    );
  }

  hint(topics: readonly ChangeTopic[], nodes: readonly string[]): void {
    for (const topic of topics) this.#topics.add(topic);
    for (const node of nodes) if (this.#nodes.size <= NODES_MAX) this.#nodes.add(node);
    if (this.#timer || this.#topics.size === 0) return;
    const waitMs = Math.max(0, this.#sentAtMs + FRAME_MS - performance.now());
    this.#timer = setTimeout(() => this.#flush(), waitMs);
  }

  heartbeat(): void {
    this.#write(": still here\n\n");
  }

  /** Idempotent. */
  readonly close = (): void => {
    const controller = this.#controller;
    if (!controller) return;
    this.#controller = null;
    if (this.#timer) clearTimeout(this.#timer);
    try {
      controller.close();
    } catch {
      // The other side has closed it first.
    }
    this.#onClosed();
  };

  #flush(): void {
    this.#timer = null;
    this.#sentAtMs = performance.now();
    // More nodes than fit are told as "any node": an empty list.
    const nodes = this.#nodes.size > NODES_MAX ? [] : [...this.#nodes];
    const data = JSON.stringify({ topics: [...this.#topics], nodes });
    this.#topics.clear();
    this.#nodes.clear();
    this.#write(`event: change\ndata: ${data}\n\n`);
  }

  #write(text: string): void {
    const controller = this.#controller;
    if (!controller) return;
    if ((controller.desiredSize ?? 0) <= 0) {
      this.close();
      return;
    }
    controller.enqueue(encoder.encode(text));
  }
}
