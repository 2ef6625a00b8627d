import { beforeEach, describe, expect, it } from "vitest";
import { EnrolmentQueueQuery } from "#lib/contracts/enrolment";
import { nodeGet } from "#lib/services/node/get";
import { setSourceEnrolment } from "#lib/services/source/set-enrolment";
import { id, personIn, revise, sendTo, verdictAbout } from "#tests/identity-world";
import { type Clock, makeWorld, resetWorld, type World } from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { refusalOf } from "#tests/world";
import { decideEnrolment, pauseEnrolment } from "./decide.ts";
import { enrolmentQueue } from "./queue.ts";

const { pool } = useDatabase();
const NOW = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;
const clock: Clock = { now: new Date(NOW) };
const reason = "looked at the rack";

let world: World;
let gate: { id: string; bearer: string };

beforeEach(async () => {
  await pool.query("TRUNCATE app_user CASCADE");
  await resetWorld(pool);
  clock.now = new Date(NOW);
  world = await makeWorld(pool, clock);
  gate = await world.addSource({ kind: "generic", name: "gate", staleAfterMs: null });
  const admin = await personIn(pool, world, "admin");
  await setSourceEnrolment(admin, { sourceId: gate.id, enrolment: "ask" });
});

const person = (role: Parameters<typeof personIn>[2]) => personIn(pool, world, role);
const sendGood = (atMs: number) => sendTo(world, gate.bearer, [verdictAbout([id("serial", "s1")], atMs)]);
async function nodeId(): Promise<string> {
  return (await pool.query("SELECT id FROM node")).rows[0]?.id;
}
async function statusNow() {
  const { status, reason: why } = await nodeGet(await person("viewer"), { nodeId: await nodeId() });
  return [status, why];
}

describe("a source that asks", () => {
  it("introduces nodes that are pending and say so, although their verdicts are good", async () => {
    await sendGood(NOW - MINUTE);
    expect(await statusNow()).toEqual(["pending", "Waiting for a decision on its enrolment"]);
    const queue = await enrolmentQueue(await person("viewer"), EnrolmentQueueQuery.parse({}));
    expect(queue.enrolments).toMatchObject([{ state: "waiting", sourceName: "gate", decision: null }]);
    expect(queue.counts).toEqual({ waiting: 1, paused: 0, denied: 0, expected: 0, overdue: 0 });
  });

  it("does not ask about nodes that are in the fleet already", async () => {
    const open = await world.addSource({ kind: "generic", name: "open", staleAfterMs: null });
    await sendTo(world, open.bearer, [verdictAbout([id("serial", "s1")], NOW - 2 * MINUTE)]);
    await sendGood(NOW - MINUTE);
    expect((await statusNow())[0]).toBe("trusted");
  });

  it("(planted) without its setting the same node is trusted at once", async () => {
    await setSourceEnrolment(await person("admin"), { sourceId: gate.id, enrolment: "accept" });
    await sendGood(NOW - MINUTE);
    expect((await statusNow())[0]).toBe("trusted");
  });
});

describe("a decision", () => {
  beforeEach(() => sendGood(NOW - 10 * MINUTE));

  it("to accept makes the verdicts count from then on, and history says that they did not before", async () => {
    const result = await decideEnrolment(
      await person("approver"),
      { nodeId: await nodeId(), decision: "accepted", reason },
      revise,
    );
    expect(result.state).toBe("accepted");
    expect((await statusNow())[0]).toBe("trusted");
    const { rows } = await pool.query(
      `SELECT state, valid_from, valid_to FROM trust_interval
       WHERE source_id = '00000000-0000-0000-0000-000000000000' AND recorded_to IS NULL ORDER BY valid_from`,
    );
    expect(rows).toEqual([
      { state: "pending", valid_from: new Date(NOW - 10 * MINUTE), valid_to: new Date(NOW) },
      { state: "trusted", valid_from: new Date(NOW), valid_to: null },
    ]);
  });

  it("to deny keeps the node pending through every later verdict", async () => {
    const denial = { nodeId: await nodeId(), decision: "denied", reason } as const;
    await decideEnrolment(await person("approver"), denial, revise);
    clock.now = new Date(NOW + MINUTE);
    await sendGood(NOW + MINUTE / 2);
    expect(await statusNow()).toEqual(["pending", `Enrolment denied: ${reason}`]);
  });

  it("to pause may be an analyst's, takes trust away at once, and never undoes a denial", async () => {
    const node = { nodeId: await nodeId(), reason };
    await decideEnrolment(await person("approver"), { ...node, decision: "accepted" }, revise);
    await pauseEnrolment(await person("analyst"), node, revise);
    expect(await statusNow()).toEqual(["pending", `Enrolment paused: ${reason}`]);
    await decideEnrolment(await person("approver"), { ...node, decision: "denied" }, revise);
    expect(await refusalOf(pauseEnrolment(await person("analyst"), node, revise))).toBe(
      "enrolment/unchanged",
    );
  });

  it.each(["viewer", "auditor", "analyst"] as const)("to accept is refused to the role %s", async (role) => {
    const input = { nodeId: await nodeId(), decision: "accepted", reason } as const;
    expect(await refusalOf(decideEnrolment(await person(role), input, revise))).toBe("auth/forbidden");
    expect((await statusNow())[0]).toBe("pending");
  });

  it("without a reason is refused", async () => {
    const input = { nodeId: await nodeId(), decision: "accepted", reason: " " } as const;
    expect(await refusalOf(decideEnrolment(await person("approver"), input, revise))).toBe("request/invalid");
  });

  it("of a node of another domain does not exist", async () => {
    const stranger = await person("approver");
    const actor = { ...stranger.actor, trustDomainIds: [] };
    const input = { nodeId: await nodeId(), decision: "accepted", reason } as const;
    expect(await refusalOf(decideEnrolment({ ...stranger, actor }, input, revise))).toBe(
      "enrolment/not-found",
    );
  });

  it("made twice at the same time counts once, and is on the record", async () => {
    const input = { nodeId: await nodeId(), decision: "accepted", reason } as const;
    const [a, b] = [await person("approver"), await person("approver")];
    const answers = await Promise.all([
      refusalOf(decideEnrolment(a, input, revise)),
      refusalOf(decideEnrolment(b, input, revise)),
    ]);
    expect(answers.sort()).toEqual(["enrolment/unchanged", "not refused"]);
    const { rows } = await pool.query(
      "SELECT outcome, after FROM audit_entry WHERE action = 'enrolment.decide' ORDER BY outcome",
    );
    expect(rows).toMatchObject([
      { outcome: "done", after: { state: "accepted", reason } },
      { outcome: "refused" },
    ]);
  });

  it("races with verdicts without losing either", async () => {
    const input = { nodeId: await nodeId(), decision: "accepted", reason } as const;
    const approver = await person("approver");
    await Promise.all([
      decideEnrolment(approver, input, revise),
      ...[1, 2, 3, 4].map((step) => sendGood(NOW - step * MINUTE)),
    ]);
    expect((await statusNow())[0]).toBe("trusted");
    expect((await pool.query("SELECT n::int FROM lane")).rows).toEqual([{ n: 5 }]);
  });
});
