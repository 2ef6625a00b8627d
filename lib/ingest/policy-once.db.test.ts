/** Unchanged evidence costs no evaluation of a policy: counted at the policy that ingest really asks. */
import { drizzle } from "drizzle-orm/node-postgres";
import { expect, it } from "vitest";
import type { Db } from "#db/client";
import { driftMarkAll } from "#db/queries/drift-dirty";
import { baselineRollout } from "#db/schema/baseline";
import { inTransaction } from "#db/transaction";
import { assessDrift } from "#lib/jobs/assess-drift";
import { uuidv7 } from "#lib/services/uuidv7";
import { baselineAdder } from "#tests/baseline-world";
import { type Clock, makeWorld } from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { enforce, policyPerson, policyText, saved, settle } from "#tests/policy-world";
import { say } from "#tests/watch-world";
import { loadPolicyGrounds } from "./policy-grounds.ts";

const { pool } = useDatabase();
const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
const NOW = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;

it("Evidence is decided about once per policy, evidence and baseline version, however often and wherever it comes", async () => {
  const clock: Clock = { now: new Date(NOW) };
  const world = await makeWorld(pool, clock);
  const { trustDomainId } = world;
  const { bearer } = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: null });
  const analyst = await policyPerson(db, world, "analyst");
  const approver = await policyPerson(db, world, "approver");
  const inForce = async (when: string) => {
    const version = await saved(analyst, policyText("counted", when));
    await enforce(analyst, approver, version);
    await settle(db, world);
    return `${version.name}@${version.version}`;
  };
  const evaluations = (version: string) =>
    inTransaction(pool, async (client) => {
      const { course } = await loadPolicyGrounds(client, trustDomainId, []);
      return course.policies.get(version)?.evaluations() ?? null;
    });
  const tell = async (minute: number, node: string, kernel: string, policyIds = ["p"]) => {
    clock.now = new Date(NOW + minute * MINUTE);
    const measurements = { "kernel/release": kernel };
    await say(world, bearer, [{ node, atMs: clock.now.getTime(), measurements, policyIds }]);
  };
  const assess = async () => {
    const { signal } = new AbortController();
    while ((await assessDrift.run({ db, now: () => clock.now }, signal)) === "more");
  };

  const first = await inForce('lanes.exists(l, l.state == "failed") || drift.exists(d, d.effect == "fail")');
  await tell(1, "a", "6.12");
  await assess();
  expect(await evaluations(first)).toBe(1);
  for (let minute = 2; minute < 30; minute += 1) await tell(minute, "a", "6.12");
  for (const node of ["b", "c", "d"]) await tell(30, node, "6.12");
  // Another measured state of which the policy is told nothing new.
  await tell(31, "a", "6.13");
  await assess();
  await settle(db, world);
  expect(await evaluations(first)).toBe(1);

  const add = baselineAdder({ db, home: trustDomainId } as Parameters<typeof baselineAdder>[0]);
  const content = (kernel: string) => ({ scope: ["kernel/"], entries: { "kernel/release": [kernel] } });
  const baselineId = await add({ name: "kernels", versions: [content("6.13"), content("6.14")] });
  const rollOut = async (minute: number, version: number) => {
    clock.now = new Date(NOW + minute * MINUTE);
    await db.insert(baselineRollout).values({
      ...{ trustDomainId, id: uuidv7(clock.now), baselineId, version, part: "target", selector: "" },
      ...{ percent: 100, validFrom: clock.now, validTo: null, createdAt: clock.now },
    });
    await inTransaction(pool, (client) =>
      driftMarkAll(client, trustDomainId, clock.now.getTime(), clock.now),
    );
    await assess();
  };
  // One node matches now, three differ alike: two new situations.
  await rollOut(40, 1);
  expect(await evaluations(first)).toBe(3);
  for (let minute = 41; minute < 50; minute += 1) await tell(minute, "a", "6.13");
  await assess();
  await rollOut(50, 1);
  expect(await evaluations(first)).toBe(3);
  // By the next version the node differs that matched: its situation is new, that of the others is not.
  await rollOut(60, 2);
  const byVersion = await evaluations(first);
  expect(byVersion).toBeGreaterThan(3);
  await tell(61, "a", "6.13");
  await assess();
  expect(await evaluations(first)).toBe(byVersion);

  clock.now = new Date(NOW + 70 * MINUTE);
  const second = await inForce('lanes.exists(l, l.state == "failed")');
  const byPolicy = await evaluations(second);
  expect(byPolicy).toBeGreaterThan(0);
  for (let minute = 71; minute < 80; minute += 1) await tell(minute, "a", "6.13");
  await settle(db, world);
  expect(await evaluations(second)).toBe(byPolicy);
  expect(await evaluations(first)).toBe(byVersion);
});
