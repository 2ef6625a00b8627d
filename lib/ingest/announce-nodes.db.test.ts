/** What ingest announces about nodes, in the transaction that says so. */
import { expect, it } from "vitest";
import { type Clock, makeWorld } from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { type Saying, say } from "#tests/watch-world";

const { pool } = useDatabase();
const NOW = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;

it("A node that begins or ceases to fail is told of once each; what an import tells is no news", async () => {
  const clock: Clock = { now: new Date(NOW) };
  const world = await makeWorld(pool, clock);
  const { bearer } = await world.addSource({
    kind: "generic",
    name: "lab",
    staleAfterMs: null,
    scopes: ["ingest:write", "ingest:backfill"],
  });
  const tell = async (minute: number, node: string, status: string, backfill = false) => {
    clock.now = new Date(NOW + minute * MINUTE);
    const saying: Saying = { node, atMs: clock.now.getTime(), status };
    await say(world, bearer, [saying], { backfill });
  };
  const told = async () => {
    const { rows } = await pool.query<{ kind: string; node: string; title: string }>(
      "SELECT kind, labels ->> 'node' AS node, title FROM announcement WHERE trust_domain_id = $1 ORDER BY at, id",
      [world.trustDomainId],
    );
    return rows;
  };

  await tell(0, "new and bad", "contraindicated");
  await tell(1, "good", "affirming");
  await tell(2, "good", "affirming");
  await tell(3, "good", "contraindicated");
  await tell(4, "good", "contraindicated");
  await tell(5, "good", "affirming");
  await tell(6, "imported", "contraindicated", true);
  await tell(7, "imported", "affirming", true);
  expect(await told()).toEqual([
    { kind: "node.failed", node: "new and bad", title: "new and bad fails" },
    { kind: "node.failed", node: "good", title: "good fails" },
    { kind: "node.recovered", node: "good", title: expect.stringMatching(/^good does not fail any more/) },
  ]);
});
