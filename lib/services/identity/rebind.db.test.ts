import { beforeEach, describe, expect, it } from "vitest";
import { changeKinds } from "#lib/server/change-kinds";
import { decideChange } from "#lib/services/change-request/decide";
import { proposeChange } from "#lib/services/change-request/propose";
import type { ServiceContext } from "#lib/services/context";
import { id, personIn, sendTo, verdictAbout } from "#tests/identity-world";
import { type Clock, makeWorld, resetWorld, type World } from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { refusalOf } from "#tests/world";
import { identityAlarms } from "./alarms.ts";
import { settleAlarm } from "./settle-alarm.ts";

const { pool } = useDatabase();
const NOW = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;
const clock: Clock = { now: new Date(NOW) };
const [NAME, OLD, NEW] = [id("agent_uuid", "n1"), id("ek_sha256", "aa"), id("ek_sha256", "bb")];
const reason = "the mainboard was replaced, ticket 4711";

let world: World;
let lab: { id: string; bearer: string };
let analyst: ServiceContext;
let approver: ServiceContext;

beforeEach(async () => {
  await pool.query("TRUNCATE app_user CASCADE");
  await resetWorld(pool);
  clock.now = new Date(NOW);
  world = await makeWorld(pool, clock);
  lab = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: null });
  analyst = await personIn(pool, world, "analyst");
  approver = await personIn(pool, world, "approver");
  await send(verdictAbout([NAME, OLD], NOW - 9 * MINUTE));
});

const send = (...events: unknown[]) => sendTo(world, lab.bearer, events);
async function rebindTo(value: string) {
  const nodeId = (await pool.query("SELECT node_id FROM node_identity WHERE value = 'n1'")).rows[0]?.node_id;
  const payload = { nodeId, kind: "ek_sha256", value };
  return proposeChange(analyst, { kind: "node.rebind", payload, reason }, changeKinds());
}
const codeOf = async (event: unknown) => (await send(event)).json.rejected[0]?.problem.code ?? "accepted";
const openAlarms = () => identityAlarms(analyst, { state: "open", limit: 100 });

describe("a rebind", () => {
  it("is the only way to another anchor: asked for by one, approved by another, and then the new one counts", async () => {
    expect(await codeOf(verdictAbout([NAME, NEW], NOW - 8 * MINUTE))).toBe("event/identity-changed");
    const request = await rebindTo("BB");
    expect(await codeOf(verdictAbout([NAME, NEW], NOW - 7 * MINUTE))).toBe("event/identity-changed");

    const vote = { requestId: request.id, decision: "approve", planHash: request.planHash ?? "" } as const;
    expect(await refusalOf(decideChange(analyst, vote, changeKinds()))).not.toBe("not refused");
    expect(await codeOf(verdictAbout([NAME, NEW], NOW - 6 * MINUTE))).toBe("event/identity-changed");

    clock.now = new Date(NOW + MINUTE);
    await decideChange(approver, vote, changeKinds());
    expect(await codeOf(verdictAbout([NAME, NEW], NOW - 5 * MINUTE))).toBe("accepted");
    expect(await codeOf(verdictAbout([NAME, OLD], NOW - 4 * MINUTE))).toBe("event/identity-changed");
    const { rows } = await pool.query(
      "SELECT value, valid_to FROM node_identity WHERE kind = 'ek_sha256' ORDER BY value",
    );
    expect(rows).toEqual([
      { value: "aa", valid_to: new Date(NOW + MINUTE) },
      { value: "bb", valid_to: null },
    ]);
    expect((await pool.query("SELECT 1 FROM node")).rowCount).toBe(1);
  });

  it("settles the alarm that asked for it", async () => {
    await send(verdictAbout([NAME, NEW], NOW - 8 * MINUTE));
    expect((await openAlarms()).items).toMatchObject([{ kind: "anchor_changed", times: 1 }]);
    const request = await rebindTo("bb");
    const vote = { requestId: request.id, decision: "approve", planHash: request.planHash ?? "" } as const;
    await decideChange(approver, vote, changeKinds());
    expect((await openAlarms()).items).toEqual([]);
  });

  it("never merges: an anchor of another node is refused", async () => {
    await send(verdictAbout([id("agent_uuid", "n2"), NEW], NOW - 8 * MINUTE));
    expect(await refusalOf(rebindTo("bb"))).toBe("event/identity-conflict");
  });

  it("to what the node has already, or of a kind that it does not have, is refused", async () => {
    expect(await refusalOf(rebindTo("AA"))).toBe("request/invalid");
    const payload = { nodeId: world.trustDomainId, kind: "serial", value: "x" };
    const request = proposeChange(analyst, { kind: "node.rebind", payload, reason }, changeKinds());
    expect(await refusalOf(request)).toBe("node/not-found");
  });
});

describe("settling an alarm", () => {
  it("takes a reason, is on the record, and is refused to those who only read", async () => {
    await send(verdictAbout([NAME, NEW], NOW - 8 * MINUTE));
    const [alarm] = (await openAlarms()).items;
    const input = { alarmId: alarm?.id ?? "", reason: "a test bench" };
    expect(await refusalOf(settleAlarm(await personIn(pool, world, "viewer"), input))).toBe("auth/forbidden");
    expect(await refusalOf(settleAlarm(analyst, { ...input, reason: "" }))).toBe("request/invalid");
    await settleAlarm(analyst, input);
    expect((await openAlarms()).items).toEqual([]);
    const all = await identityAlarms(analyst, { state: "all", limit: 100 });
    expect(all.items).toMatchObject([{ settled: { reason: "a test bench" } }]);
    const { rows } = await pool.query("SELECT outcome FROM audit_entry WHERE action = 'identity.settle'");
    expect(rows.map(({ outcome }) => outcome).sort()).toEqual(["done", "refused"]);
  });

  it("of another domain is not possible", async () => {
    await send(verdictAbout([NAME, NEW], NOW - 8 * MINUTE));
    const [alarm] = (await openAlarms()).items;
    const actor = { ...analyst.actor, trustDomainIds: [] };
    const settled = settleAlarm({ ...analyst, actor }, { alarmId: alarm?.id ?? "", reason: "a test bench" });
    expect(await refusalOf(settled)).toBe("identity-alarm/not-found");
  });
});
