import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { notifyChange } from "#db/queries/ingest-log";
import { inTransaction } from "#db/transaction";
import { CHANGE_TOPICS } from "#lib/domain/change-topic";
import { useDatabase } from "#tests/pg";
import type * as StreamModule from "./stream.ts";

type Stream = typeof StreamModule;

import { makeWorld, type World } from "#tests/world";

const { pool, url } = useDatabase();
let world: World;
let openStream: Stream["openStream"];
const aborts: AbortController[] = [];

beforeAll(async () => {
  for (const [name, value] of Object.entries({ DATABASE_URL: url, LOG_LEVEL: "silent" }))
    vi.stubEnv(name, value);
  world = await makeWorld(pool);
  ({ openStream } = await import("./stream.ts"));
});
afterAll(async () => {
  for (const abort of aborts) abort.abort();
  const { closeDatabases, closers } = await import("./runtime.ts");
  expect(closers().size).toBe(0);
  await closeDatabases();
});

function listen(domains: string[]) {
  const abort = new AbortController();
  aborts.push(abort);
  const reader = openStream({ domains, sessionId: "00", signal: abort.signal }).getReader();
  const decoder = new TextDecoder();
  const next = async () => {
    const { value, done } = await reader.read();
    return done ? null : decoder.decode(value);
  };
  return { abort, next };
}
const tell = (domain: string, node: string) =>
  pool.query("SELECT pg_notify('touchstone_change', $1)", [
    JSON.stringify({ d: domain, t: ["nodes"], n: [node] }),
  ]);
async function untilListening() {
  await vi.waitFor(async () => {
    const { rowCount } = await pool.query(
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'",
    );
    expect(rowCount).toBe(1);
  }, 5_000);
}

describe("change hints", () => {
  it("reach those who may see the trust domain, and nobody else", async () => {
    const [home, away] = [listen([world.home]), listen([world.away])];
    await untilListening();
    expect([await home.next(), await away.next()]).toEqual(["retry: 3000\n\n", "retry: 3000\n\n"]);
    await tell(world.home, "at-home");
    expect(await home.next()).toContain('"nodes":["at-home"]');
    await tell(world.away, "away");
    expect(await away.next()).toContain('"nodes":["away"]');
  });

  it("of every topic arrive as they were sent", async () => {
    const stream = listen([world.home]);
    await untilListening();
    await stream.next();
    for (const topic of CHANGE_TOPICS) {
      await inTransaction(pool, (client) => notifyChange(client, world.home, [topic], []));
      expect(await stream.next()).toContain(`"topics":["${topic}"]`);
    }
  });

  it("survive nonsense on the channel and the loss of the listening connection", async () => {
    const stream = listen([world.home]);
    await untilListening();
    await stream.next();
    await pool.query(
      "SELECT pg_notify('touchstone_change', 'not json'), pg_notify('touchstone_change', '{}')",
    );
    await pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'",
    );
    // What was missed meanwhile is made up for by one hint about everything.
    expect(await stream.next()).toContain(`"topics":${JSON.stringify(CHANGE_TOPICS)}`);
  });

  it("end with the request", async () => {
    const stream = listen([world.home]);
    await stream.next();
    stream.abort.abort();
    expect(await stream.next()).toBeNull();
  });

  it("end when the session no longer counts", async () => {
    vi.useFakeTimers({ toFake: ["setInterval"] });
    for (const abort of aborts) abort.abort(); // the next one starts the clocks anew
    const stream = listen([world.home]);
    await stream.next();
    await vi.advanceTimersByTimeAsync(30_000);
    vi.useRealTimers();
    let frame: string | null = "";
    while (frame !== null) frame = await stream.next(); // heartbeats come first
    expect(frame).toBeNull();
  });
});
