/** What answers rest on while the database is there, and what becomes of them while it is not. */
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type Db, openDb } from "#db/client";
import { admissionRule } from "#db/schema/admission";
import type { AdmissionView } from "#lib/contracts/admission";
import type { Actor } from "#lib/domain/access";
import { DEFAULT_ADMISSION_RULE } from "#lib/domain/admission";
import { useDatabase } from "#tests/pg";
import { makeWorld, NOW, type World } from "#tests/world";
import { rememberCallers } from "./callers.ts";
import { followAdmission } from "./follow.ts";
import { admissionHandler } from "./handler.ts";

const { pool, url } = useDatabase();
let world: World;
beforeAll(async () => {
  world = await makeWorld(pool);
});
beforeEach(() => pool.query("TRUNCATE admission_rule"));

/** A process of its own with its own connections, which can be taken away. */
async function answering() {
  const db: Db = openDb(url, 2);
  const clock = { now: Date.now() };
  const reported: unknown[] = [];
  const follower = followAdmission(
    db,
    () => clock.now,
    (error) => reported.push(error),
  );
  let gone = false;
  const lose = async () => {
    gone = true;
    await follower.look();
    await db.$client.end();
  };
  onTestFinished(async () => {
    follower.stop();
    if (!gone) await db.$client.end();
  });
  const actor: Actor = { kind: "system", id: "gatekeeper", trustDomainIds: [world.home] };
  const callerOf = rememberCallers(
    async () => {
      await db.execute("SELECT 1");
      return actor;
    },
    () => clock.now,
  );
  const handler = admissionHandler({
    callerOf: ({ authorization }) => callerOf(authorization ?? ""),
    countStranger: async () => {},
    stepCaWebhook: async () => null,
    follower: () => follower,
    recorder: () => ({ note: () => {}, flush: async () => {}, stop: () => {} }),
    now: () => clock.now,
    report: (error) => reported.push(error),
  });
  const ask = async (reference: string, caller = "Bearer one") => {
    const body = (async function* () {})();
    const path = `/api/v1/admission/nodes/${reference}`;
    const answer = await handler({ method: "GET", path, headers: { authorization: caller }, body });
    return { status: answer.status, view: JSON.parse(answer.body) as AdmissionView };
  };
  return { ask, lose, clock, follower, reported };
}

const open = (trustDomainId: string) =>
  world.db.insert(admissionRule).values({
    ...{ trustDomainId, version: 1, reason: "for the test", validFrom: NOW },
    content: { ...DEFAULT_ADMISSION_RULE, outage: "open" },
  });

describe("while the database is away", () => {
  it("answers go on by what was known last, and turn into refusals that say why once that is too old", async () => {
    await world.addNode({ name: "closed-good" });
    const { ask, lose, clock, reported, follower } = await answering();
    expect((await ask("closed-good")).view.decision).toBe("allow");
    await lose();
    await expect(follower.look()).rejects.toThrow();
    expect((await ask("closed-good")).view.decision).toBe("allow");
    clock.now += 31_000;
    const { status, view } = await ask("closed-good");
    expect([status, view.decision, view.admitted]).toEqual([200, "deny", false]);
    expect(view.reasons[0]).toMatchObject({ code: "state_not_fresh" });
    expect(view.reasons[0]?.text).toMatch(/old, and the rule takes 30 s: it is closed meanwhile$/);
    expect(reported.every((error) => error instanceof Error)).toBe(true);
  });

  it("an open rule admits whom it admitted before, with a warning, and nobody else", async () => {
    await open(world.home);
    await world.addNode({ name: "open-good" });
    await world.addNode({ name: "open-failed", status: "failed" });
    const { ask, lose, clock } = await answering();
    await ask("open-good");
    await lose();
    clock.now += 31_000;
    const good = (await ask("open-good")).view;
    expect([good.decision, good.rule.outage, good.reasons.map(({ code }) => code)]).toEqual([
      "warn",
      "open",
      ["state_not_fresh"],
    ]);
    expect((await ask("open-failed")).view.decision).toBe("deny");
    expect((await ask("never-seen")).view.decision).toBe("deny");
  });

  it("nobody is answered who was not known before, and that is no permission", async () => {
    const { ask, lose } = await answering();
    await ask("anything");
    await lose();
    expect((await ask("anything", "Bearer two")).status).toBe(503);
  });

  it("a process that has never read the nodes answers nothing", async () => {
    const db = openDb("postgres://nobody@127.0.0.1:1/none", 1);
    const follower = followAdmission(
      db,
      () => Date.now(),
      () => {},
    );
    onTestFinished(async () => {
      follower.stop();
      await db.$client.end();
    });
    expect(await follower.ready(50)).toBeNull();
  });
});

describe("while the database is there", () => {
  it("new nodes, names, identities, evidence and settled alarms are in the next answer of a small fleet", async () => {
    const { ask, follower } = await answering();
    await ask("anything");
    const id = await world.addNode({ name: "newcomer", identity: "S-NEW" });
    // What was written by a clock that is long behind is found by reading everything anew.
    await pool.query(
      "INSERT INTO identity_alarm (trust_domain_id, fingerprint, id, kind, node_id, sentence, claimed, n, first_at, last_at) VALUES ($1, '\\x01', gen_random_uuid(), 'clone', $2, 's', '[]', 1, now(), now())",
      [world.home, id],
    );
    await follower.look();
    await follower.look();
    expect((await ask("serial:S-NEW")).view.reasons[0]?.code).toBe("identity_alarm");
    await pool.query("UPDATE identity_alarm SET settled_at = now()");
    await pool.query("UPDATE node SET display_name = 'renamed' WHERE id = $1", [id]);
    await follower.look();
    await follower.look();
    expect((await ask("renamed")).view).toMatchObject({ decision: "allow", node: { id } });
    expect((await ask("newcomer")).view.reasons[0]?.code).toBe("unknown_node");
  });
});
