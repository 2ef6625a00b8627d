import { drizzle } from "drizzle-orm/node-postgres";
import { beforeEach, describe, expect, it } from "vitest";
import type { Db } from "#db/client";
import { EnrolmentQueueQuery } from "#lib/contracts/enrolment";
import type { ServiceContext } from "#lib/services/context";
import { enrolmentQueue } from "#lib/services/enrolment/queue";
import { expectNodes } from "#lib/services/expected-node/expect";
import { withdrawExpectedNode } from "#lib/services/expected-node/withdraw";
import { fleetSummary } from "#lib/services/fleet/summary";
import { bootstrapAbout, id, personIn, sendTo, verdictAbout } from "#tests/identity-world";
import { type Clock, makeWorld, resetWorld, type World } from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { refusalOf } from "#tests/world";
import { findClones } from "./find-clones.ts";
import { watchExpected } from "./watch-expected.ts";

const { pool } = useDatabase();
const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
const NOW = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;
const clock: Clock = { now: new Date(NOW) };
const signal = new AbortController().signal;

let world: World;
let lab: { id: string; bearer: string };
let analyst: ServiceContext;

beforeEach(async () => {
  await pool.query("TRUNCATE app_user, expected_node CASCADE");
  await resetWorld(pool);
  clock.now = new Date(NOW);
  world = await makeWorld(pool, clock);
  lab = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: null });
  analyst = await personIn(pool, world, "analyst");
});

const send = (...events: unknown[]) => sendTo(world, lab.bearer, events);
async function runAt(minutes: number, job = watchExpected): Promise<void> {
  clock.now = new Date(NOW + minutes * MINUTE);
  await job.run({ db, now: () => clock.now }, signal);
}
const queue = () => enrolmentQueue(analyst, EnrolmentQueueQuery.parse({ state: "all" }));
const states = async () => (await queue()).expected.map(({ name, state }) => `${name} ${state}`).sort();
const overdue = async () => (await fleetSummary(analyst, {})).overdueNodes;
const rack = {
  nodes: [
    { name: "r1", identities: [id("serial", "s1") as { kind: "serial"; value: string }] },
    { name: "r2", identities: [id("serial", "s2") as { kind: "serial"; value: string }] },
  ],
};

describe("an expected node", () => {
  it("is overdue when nothing was heard of it for an hour, and clears when it enrols", async () => {
    expect(await expectNodes(analyst, rack)).toEqual({ added: 2, known: [] });
    await runAt(59);
    expect([await states(), await overdue()]).toEqual([["r1 expected", "r2 expected"], 0]);
    await runAt(60);
    expect([await states(), await overdue()]).toEqual([["r1 overdue", "r2 overdue"], 2]);
    await send(verdictAbout([id("serial", "s1")], NOW + 60 * MINUTE));
    await runAt(61);
    expect([await states(), await overdue()]).toEqual([["r1 enrolled", "r2 overdue"], 1]);
  });

  it("has ten minutes from the end of its provisioning on, and the reason says what is missing", async () => {
    await expectNodes(analyst, rack);
    await send(bootstrapAbout([id("serial", "s1")], NOW + MINUTE, { type: "provisioning.image_completed" }));
    await runAt(10);
    expect(await states()).toEqual(["r1 expected", "r2 expected"]);
    await runAt(11);
    const { expected } = await queue();
    expect(expected.find(({ name }) => name === "r1")).toMatchObject({
      state: "overdue",
      origin: "inventory",
      reason: "Provisioned, but it never enrolled and no verifier has appraised it",
    });
  });

  it("need not be listed: who was provisioned and fell silent is found by itself", async () => {
    await send(
      bootstrapAbout([id("serial", "lost")], NOW, {
        type: "provisioning.image_completed",
        displayName: "lost",
      }),
      bootstrapAbout([id("serial", "came")], NOW, {
        type: "provisioning.image_completed",
        displayName: "came",
      }),
    );
    await runAt(1);
    await send(
      bootstrapAbout([id("serial", "came")], NOW + 2 * MINUTE, { type: "enrollment.credential_issued" }),
    );
    await runAt(10);
    expect(await states()).toEqual(["came enrolled", "lost overdue"]);
    await runAt(20);
    expect((await pool.query("SELECT 1 FROM expected_node")).rowCount).toBe(2);
  });

  it("is listed once, however often the same file is imported", async () => {
    await expectNodes(analyst, rack);
    expect(await expectNodes(analyst, rack)).toEqual({ added: 0, known: ["r1", "r2"] });
  });

  it("must have an identity that can prove it came", async () => {
    const weak = { nodes: [{ name: "w", identities: [{ kind: "hostname" as const, value: "w" }] }] };
    expect(await refusalOf(expectNodes(analyst, weak))).toBe("request/invalid");
  });

  it("can be withdrawn with a reason, and is not waited for any more", async () => {
    await expectNodes(analyst, rack);
    const { expected } = await queue();
    const input = { expectedNodeId: expected[0]?.id ?? "", reason: "sold" };
    expect(await refusalOf(withdrawExpectedNode(await personIn(pool, world, "viewer"), input))).toBe(
      "auth/forbidden",
    );
    await withdrawExpectedNode(analyst, input);
    await runAt(90);
    expect(await overdue()).toBe(1);
    expect(await refusalOf(withdrawExpectedNode(analyst, input))).toBe("expected-node/not-found");
  });
});

describe("clones", () => {
  const alarms = async () =>
    (await pool.query("SELECT kind, sentence, claimed, n::int FROM identity_alarm ORDER BY kind")).rows;

  it("by name: two nodes of one source that use one host name now are reported once, and stay two", async () => {
    const name = id("hostname", "web-1");
    await send(verdictAbout([id("serial", "a"), name], NOW), verdictAbout([id("serial", "b"), name], NOW));
    await runAt(1, findClones);
    await runAt(2, findClones);
    expect(await alarms()).toMatchObject([{ kind: "weak_id_conflict", claimed: [name], n: 1 }]);
  });

  it("by name: other sources, long silence and names that everybody has are no finding", async () => {
    const other = await world.addSource({ kind: "generic", name: "other", staleAfterMs: null });
    const [name, local] = [id("hostname", "web-1"), id("hostname", "localhost")];
    await send(
      verdictAbout([id("serial", "a"), name, local], NOW),
      verdictAbout([id("serial", "c"), local], NOW),
    );
    await sendTo(world, other.bearer, [verdictAbout([id("serial", "b"), name], NOW)]);
    await send(verdictAbout([id("serial", "d"), name], NOW - 90 * MINUTE));
    await runAt(1, findClones);
    expect(await alarms()).toEqual([]);
  });

  const proof = (minutes: number, address: string) =>
    bootstrapAbout([id("spiffe_id", "spiffe://x/1")], NOW - minutes * MINUTE, {
      type: "enrollment.credential_issued",
      actor: { kind: "node", address },
    });

  it("by address: one identity that speaks from two addresses in turn is reported", async () => {
    await send(
      proof(9, "10.0.0.1:1"),
      proof(8, "10.0.0.2:1"),
      proof(7, "10.0.0.1:2"),
      proof(6, "10.0.0.2:2"),
    );
    await runAt(0, findClones);
    expect(await alarms()).toMatchObject([
      { kind: "clone", claimed: [{ value: "10.0.0.1" }, { value: "10.0.0.2" }] },
    ]);
  });

  it("by address: a machine that moved, or that speaks over both protocols, is none", async () => {
    await send(
      proof(9, "10.0.0.1:1"),
      proof(8, "10.0.0.1:2"),
      proof(7, "10.0.0.2:1"),
      proof(6, "10.0.0.2:2"),
    );
    await send(proof(5, "[2001:db8::1]:1"), proof(4, "10.0.0.2:9"), proof(3, "[2001:db8::1]:2"));
    await runAt(0, findClones);
    expect(await alarms()).toEqual([]);
  });
});
