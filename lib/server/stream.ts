/**
 * Change hints to browsers (server-sent events).
 *
 * A hint says that something changed, never what: the reader asks again with its own rights. So a lost
 * hint costs freshness and a wrong one nothing.
 */
import "server-only";
import { z } from "zod";
import { changeSignatures } from "#db/queries/change";
import { CHANGE_TOPICS } from "#lib/domain/change-topic";
import { ProblemError } from "#lib/domain/problems";
import { sessionCounts } from "#lib/services/user/session";
import { type ChangeListener, listenForChanges } from "./change-listener.ts";
import { env } from "./env.ts";
import { log } from "./log.ts";
import { closers, database } from "./runtime.ts";
import { shared } from "./shared.ts";
import { StreamClient } from "./stream-client.ts";

const HEARTBEAT_MS = 15_000;
const POLL_MS = 10_000;
const SESSION_CHECK_MS = 30_000;
const CLIENTS_MAX = 2_000;

const Payload = z.object({
  d: z.string(),
  t: z.array(z.enum(CHANGE_TOPICS)),
  n: z.array(z.string()).optional(),
});

/** All open streams of this process and what feeds them. Runs only while someone listens. */
class ChangeHub {
  readonly #clients = new Set<StreamClient>();
  readonly #signatures = new Map<string, string>();
  #timers: NodeJS.Timeout[] = [];
  #listener: ChangeListener | null = null;

  /** @throws {ProblemError} `server/unavailable` when too many are open */
  open(who: {
    domains: readonly string[];
    sessionId: string;
    signal: AbortSignal;
  }): ReadableStream<Uint8Array> {
    if (this.#clients.size >= CLIENTS_MAX) {
      throw new ProblemError(
        "server/unavailable",
        "Too many live connections. The page still works without one.",
      );
    }
    const client = new StreamClient(who, () => this.#remove(client));
    this.#clients.add(client);
    closers().add(client.close);
    if (this.#clients.size === 1) this.#start();
    who.signal.addEventListener("abort", client.close, { once: true });
    return client.stream;
  }

  #remove(client: StreamClient): void {
    closers().delete(client.close);
    if (this.#clients.delete(client) && this.#clients.size === 0) this.#stop();
  }

  #start(): void {
    const every = (period: number, work: () => void) => setInterval(work, period).unref();
    this.#timers = [
      every(HEARTBEAT_MS, () => this.#each((client) => client.heartbeat())),
      every(POLL_MS, () => void this.#poll()),
      every(SESSION_CHECK_MS, () => void this.#checkSessions()),
    ];
    void this.#poll();
    this.#listener = listenForChanges(env().databaseUrl ?? "", {
      onPayload: (payload) => this.#receive(payload),
      // Hints were lost while nobody listened.
      onGap: () => this.#each((client) => client.hint(CHANGE_TOPICS, [])),
    });
  }

  #stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    this.#signatures.clear();
    this.#listener?.close();
    this.#listener = null;
  }

  #each(act: (client: StreamClient) => void): void {
    for (const client of [...this.#clients]) act(client);
  }

  #receive(payload: string): void {
    let json: unknown;
    try {
      json = JSON.parse(payload);
    } catch {
      return;
    }
    const parsed = Payload.safeParse(json);
    if (!parsed.success) return;
    const { d, t, n } = parsed.data;
    this.#each((client) => client.domains.has(d) && client.hint(t, n ?? []));
  }

  /** For what no notification told, for example because it went to another database node. */
  async #poll(): Promise<void> {
    try {
      for (const { trustDomainId, signature } of await changeSignatures(database())) {
        const before = this.#signatures.get(trustDomainId);
        this.#signatures.set(trustDomainId, signature);
        if (before === undefined || before === signature) continue;
        this.#each((client) => client.domains.has(trustDomainId) && client.hint(CHANGE_TOPICS, []));
      }
    } catch (error) {
      log().warn({ err: error }, "change poll failed");
    }
  }

  async #checkSessions(): Promise<void> {
    const now = new Date();
    for (const client of [...this.#clients]) {
      try {
        if (!(await sessionCounts(database(), client.sessionId, now))) client.close();
      } catch (error) {
        log().warn({ err: error }, "session check failed");
        return;
      }
    }
  }
}

/** Open a stream for a signed-in person. */
export function openStream(who: {
  domains: readonly string[];
  sessionId: string;
  signal: AbortSignal;
}): ReadableStream<Uint8Array> {
  return shared("change-hub", () => new ChangeHub()).open(who);
}
