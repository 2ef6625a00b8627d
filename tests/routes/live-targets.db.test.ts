/** Other systems may take long to answer; connections to the database are few. */
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { connectorInsert } from "#db/queries/connector";
import { secretPlace } from "#lib/services/connector/tools";
import { uuidv7 } from "#lib/services/uuidv7";
import { nodeAt } from "#tests/execution-world";
import { useDatabase } from "#tests/pg";
import { startFake } from "#tests/stubs/conduct";
import { makeWorld, NOW } from "#tests/world";
import { ask, callerIn, routeEnvironment } from "./callers.ts";

const { pool, url } = useDatabase();

beforeAll(() => {
  const given = { ...routeEnvironment(url), TOUCHSTONE_OUTBOUND_ALLOW: "127.0.0.1" };
  for (const [name, value] of Object.entries(given)) vi.stubEnv(name, value);
});
afterAll(async () => {
  const { closeDatabases } = await import("#lib/server/runtime");
  await closeDatabases();
  vi.unstubAllEnvs();
});

it("a request for remediation holds no transaction while a live target is asked", async () => {
  const world = await makeWorld(pool);
  const silent = await startFake(() => ({ status: 500, body: {} }));
  silent.conduct = "hang";
  const { sealer } = await import("#lib/server/secret");
  const key = { trustDomainId: world.home, id: uuidv7(NOW) };
  await world.db.transaction((tx) =>
    connectorInsert(tx, {
      ...{ ...key, kind: "kubernetes", name: "silent", settings: { url: silent.url }, selector: "" },
      ...{ createdAt: NOW, changedAt: NOW, secretsChangedAt: NOW },
      sealedSecrets: sealer().seal(Buffer.from(JSON.stringify({ token: "a-token" })), secretPlace(key)),
    }),
  );
  const nodeId = await nodeAt(world, "w1", "suspect");
  const { headers } = await callerIn(world.db, world.home, "admin");
  const { POST } = await import("../../app/api/v1/remediations/route.ts");
  const sent = () =>
    ask(
      POST,
      {
        route: "POST /api/v1/remediations",
        body: {
          action: "quarantine",
          targets: { nodeIds: [nodeId] },
          reason: "It is looked at while we wait",
        },
      },
      { ...headers, "idempotency-key": '"one-and-the-same"' },
    );
  const answer = sent();
  await vi.waitFor(() => expect(silent.requests.length).toBeGreaterThan(0), { timeout: 15_000 });
  const { rows } = await pool.query<{ query: string }>(
    `SELECT query FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'`,
  );
  expect(rows).toEqual([]);
  await silent.close();
  const first = await answer;
  expect([first.status, first.headers.get("idempotency-replayed")]).toEqual([201, null]);
  // The same again is answered without asking anybody.
  const asked = silent.requests.length;
  const again = await sent();
  expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([201, "true"]);
  expect(JSON.parse(again.text)).toEqual(JSON.parse(first.text));
  expect(silent.requests.length).toBe(asked);
}, 60_000);
