import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  became,
  begunRequest,
  executionTools,
  type FakeSystem,
  fakeSystem,
  lifeOf,
  nodeAt,
  refuse,
  standingClock,
  useSystem,
  workOff,
} from "#tests/execution-world";
import { useDatabase } from "#tests/pg";
import { makeWorld, type World } from "#tests/world";
import { claimWork } from "./lease.ts";
import { takeUp } from "./take-up.ts";
import { watchContainment } from "./watch.ts";
import { workOnce } from "./work.ts";

const { pool } = useDatabase();
let world: World;
let system: FakeSystem;
let node: { id: string; name: string };
let round = 0;
const never = new AbortController().signal;

beforeAll(async () => {
  world = await makeWorld(pool);
  await useSystem(world, fakeSystem());
});

beforeEach(async () => {
  system = fakeSystem();
  round += 1;
  const name = `w${round}`;
  node = { name, id: await nodeAt(world, name, "trusted") };
  // Other nodes of these tests that are away must not count against this one.
  await pool.query("UPDATE node SET labels = jsonb_build_object('pool', display_name)");
});

describe("a quarantine", () => {
  it("is succeeded when every step was seen to be done, and not before", async () => {
    const id = await begunRequest(world, [node]);
    await workOff(world, executionTools([system]), standingClock(), 2);
    expect(await became(world, id)).toMatchObject({
      state: "succeeded",
      steps: [
        "snapshot done",
        "lifecycle done",
        "taint done",
        "deny_requests done",
        "read_back done",
        "lifecycle done",
      ],
      alarms: [],
    });
    expect(await lifeOf(world, node.id)).toBe("quarantined quarantine");
    expect(system.effects).toHaveLength(2);
  });

  it("puts what it intends on the record before it does it, and what it saw after", async () => {
    const id = await begunRequest(world, [node]);
    const seen: string[] = [];
    system.hook = async ({ what, verb }, when) => {
      const { rows } = await pool.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM audit_entry WHERE entity_id = $1 AND action = 'remediation.step_intended'
           AND after ->> 'verb' = $2`,
        [id, verb],
      );
      if (what === "start" && when === "before") seen.push(`${verb} ${rows[0]?.n}`);
    };
    await workOff(world, executionTools([system]), standingClock(), 2);
    expect(seen).toEqual(["taint 1", "deny_requests 1"]);
    const { rows } = await pool.query<{ action: string }>(
      "SELECT action FROM audit_entry WHERE entity_id = $1 AND after ->> 'verb' = 'taint' ORDER BY at, id",
      [id],
    );
    expect(rows.map(({ action }) => action)).toEqual([
      "remediation.step_intended",
      "remediation.step_observed",
    ]);
  });

  it("stays quarantining and raises an alarm when a step is refused, and does the others all the same", async () => {
    const id = await begunRequest(world, [node]);
    system.hook = ({ what, verb }) => {
      if (what === "start" && verb === "taint") refuse("unauthorized");
    };
    await workOff(world, executionTools([system]), standingClock(), 3);
    const { state, steps, alarms, outcome } = await became(world, id);
    expect(state).toBe("partially_failed");
    expect(steps).toEqual([
      "snapshot done",
      "lifecycle done",
      "taint failed",
      "deny_requests done",
      "read_back done",
      "lifecycle skipped",
    ]);
    expect(alarms).toEqual(["incomplete"]);
    expect(outcome).toContain("It says unauthorized");
    expect(await lifeOf(world, node.id)).toBe("quarantining quarantine");
    expect(system.calls.filter(({ what, verb }) => what === "start" && verb === "taint")).toHaveLength(1);
  });

  it("reads a ban back, and raises an alarm when somebody lifts it", async () => {
    const spire = fakeSystem("spire", { ban: null, delete: null });
    await useSystem(world, spire);
    const id = await begunRequest(world, [node], { params: { ban: true } });
    const tools = executionTools([system, spire]);
    await workOff(world, tools, standingClock(), 2);
    expect(await became(world, id)).toMatchObject({ state: "succeeded", alarms: [] });
    expect(spire.effects.map((effect) => effect.split(" ")[0])).toEqual(["ban"]);
    spire.says.ban = "running";
    await watchContainment(world.db, tools, () => new Date(Date.now() + 3_600_000), never);
    expect(await became(world, id)).toMatchObject({ alarms: ["drifted"] });
  });

  it("does nothing and fails when nothing can isolate the node", async () => {
    const id = await begunRequest(world, [node]);
    const stranger = fakeSystem("other", {});
    await workOff(world, executionTools([stranger]), standingClock(), 1);
    const { state, outcome } = await became(world, id);
    expect(state).toBe("failed");
    expect(outcome).toContain("No connector that knows");
    expect(await lifeOf(world, node.id)).toBe("trusted in_service");
  });

  it("says what is missing before the steps of the node, and does none of them when people let it go on", async () => {
    const id = await begunRequest(world, [node]);
    const clock = standingClock();
    await workOff(world, executionTools([fakeSystem("other", {})]), clock, 1);
    const [first, ...rest] = (await became(world, id)).steps;
    expect([first, new Set(rest.map((step) => step.split(" ")[1]))]).toEqual([
      "requirements failed",
      new Set(["skipped"]),
    ]);
    // As after another node of the request was changed: what failed is let go on, with a connector that came since.
    await pool.query(
      "UPDATE execution SET taken_up = 'partially_failed', ended_at = NULL, state = 'executing'",
    );
    await pool.query("UPDATE remediation_request SET state = 'executing', ended_at = NULL WHERE id = $1", [
      id,
    ]);
    await workOff(world, executionTools([system]), clock, 1);
    const again = await became(world, id);
    expect(again.outcome).toContain("What the recipe needs was missing; ask for it anew");
    expect(system.effects).toEqual([]);
    expect(await lifeOf(world, node.id)).toBe("trusted in_service");
  });

  it("does nothing to a node that its system knows by another registration now", async () => {
    const id = await begunRequest(world, [node]);
    const tools = executionTools([system]);
    const clock = standingClock();
    const first = await claimWork(world.db, tools, clock.now, never);
    if (first) await takeUp(first);
    system.uid = "u2";
    clock.pass(61_000);
    await workOff(world, tools, clock, 2);
    const { state, outcome } = await became(world, id);
    expect(state).toBe("failed");
    expect(outcome).toContain("is another registration than the one that was approved");
    expect(system.effects).toEqual([]);
  });

  it("looks before it tries again after an answer was lost", async () => {
    const id = await begunRequest(world, [node]);
    let lost = 0;
    system.hook = ({ what, verb }, when) => {
      if (what !== "start" || verb !== "taint" || when !== "after" || lost > 0) return;
      lost += 1;
      refuse("timeout");
    };
    await workOff(world, executionTools([system]), standingClock(), 4);
    expect((await became(world, id)).state).toBe("succeeded");
    expect(system.effects.filter((line) => line.startsWith("taint"))).toHaveLength(1);
  });

  it("does not begin anew what it cannot look at, and says that it does not know", async () => {
    const id = await begunRequest(world, [node]);
    system.hook = ({ what, verb }, when) => {
      if (verb !== "taint") return;
      if (what === "start" && when === "after") refuse("timeout");
      if (what === "observe") refuse("unreachable");
    };
    await workOff(world, executionTools([system]), standingClock(), 30);
    const { state, steps, alarms } = await became(world, id);
    expect([state, alarms]).toEqual(["partially_failed", ["incomplete"]]);
    expect(steps).toContain("taint unknown");
    expect(system.effects.filter((line) => line.startsWith("taint"))).toHaveLength(1);
  });

  it("begins again what was seen not to have begun, and gives up after five times", async () => {
    const id = await begunRequest(world, [node]);
    system.hook = ({ what, verb }, when) => {
      if (what === "start" && verb === "taint" && when === "before") refuse("unreachable");
    };
    await workOff(world, executionTools([system]), standingClock(), 20);
    expect((await became(world, id)).steps).toContain("taint failed");
    expect(system.calls.filter(({ what, verb }) => what === "start" && verb === "taint").length).toBe(5);
  });

  it("gives up what never ends, in time", async () => {
    const id = await begunRequest(world, [node]);
    system.says.taint = "running";
    await workOff(world, executionTools([system]), standingClock(), 15);
    const { state, steps } = await became(world, id);
    expect([state, steps.includes("taint unknown")]).toEqual(["partially_failed", true]);
  });
});

describe("two workers", () => {
  it("do everything once, whoever comes first", async () => {
    const id = await begunRequest(world, [node]);
    const clock = standingClock();
    await Promise.all(
      ["a", "b", "c"].map((name) => workOnce(world.db, executionTools([system], name), clock.now, never)),
    );
    await workOff(world, executionTools([system]), clock, 2);
    expect((await became(world, id)).state).toBe("succeeded");
    expect(system.effects).toHaveLength(2);
  });

  it("write nothing any more once their time is over", async () => {
    const id = await begunRequest(world, [node]);
    const clock = standingClock();
    const other = executionTools([system], "other");
    let taken = false;
    system.hook = async ({ what, verb }, when) => {
      if (taken || what !== "start" || verb !== "taint" || when !== "after") return;
      taken = true;
      clock.pass(61_000);
      // Meanwhile another one takes over, looks, and goes on to the end.
      while (await workOnce(world.db, other, clock.now, never)) {}
    };
    await workOnce(world.db, executionTools([system], "slow"), clock.now, never);
    expect((await became(world, id)).state).toBe("succeeded");
    expect(system.effects).toHaveLength(2);
  });
});

describe("people", () => {
  const abort = (id: string) =>
    pool.query(
      `WITH r AS (UPDATE remediation_request SET state = 'aborting', revision = revision + 1, outcome = 'Ann stopped it.'
         WHERE id = $1)
       UPDATE execution SET state = 'aborting', claimed_by = NULL, claimed_until = NULL, ended_at = NULL WHERE request_id = $1`,
      [id],
    );

  it.each(["taint", "deny_requests"])(
    "can stop it while it is at %s: what was done is taken back and seen to be",
    async (at) => {
      const id = await begunRequest(world, [node]);
      let stopped = false;
      system.hook = async ({ what, verb }, when) => {
        if (stopped || what !== "start" || verb !== at || when !== "after") return;
        stopped = true;
        await abort(id);
      };
      await workOff(world, executionTools([system]), standingClock(), 6);
      const { state, steps, outcome } = await became(world, id);
      expect(state).toBe("aborted");
      expect(outcome).toBe("Ann stopped it.");
      expect([...system.holds.keys()]).not.toContain("taint");
      expect(steps).toContain("taint rolled_back");
      expect(await lifeOf(world, node.id)).toBe("attesting in_service");
    },
  );

  it("take back in reverse order", async () => {
    const two = fakeSystem("awx", { isolate: "release", release: null });
    await useSystem(world, two);
    const order: string[] = [];
    for (const one of [system, two])
      one.hook = ({ what, verb }, when) => {
        if (what === "start" && when === "after") order.push(verb);
      };
    const id = await begunRequest(world, [node]);
    two.says.isolate = "running";
    const tools = executionTools([system, two]);
    const clock = standingClock();
    await workOff(world, tools, clock, 1);
    two.says.isolate = undefined;
    await abort(id);
    await workOff(world, tools, clock, 6);
    await pool.query("UPDATE connector SET disabled_at = now() WHERE kind = 'awx'");
    expect((await became(world, id)).state).toBe("aborted");
    expect(order).toEqual(["taint", "deny_requests", "isolate", "release", "untaint"]);
  });

  it("can let a partly failed one go on: only what is missing is done", async () => {
    const id = await begunRequest(world, [node]);
    const clock = standingClock();
    system.hook = ({ what, verb }) => {
      if (what === "start" && verb === "taint") refuse("refused");
    };
    await workOff(world, executionTools([system]), clock, 3);
    system.hook = undefined;
    await pool.query(
      "UPDATE remediation_request SET state = 'executing', revision = revision + 1 WHERE id = $1",
      [id],
    );
    await workOff(world, executionTools([system]), clock, 3);
    expect(await became(world, id)).toMatchObject({ state: "succeeded", alarms: [] });
    expect(system.effects.map((line) => line.split(" ")[0])).toEqual(["deny_requests", "taint"]);
    expect(await lifeOf(world, node.id)).toBe("quarantined quarantine");
  });
});

describe("containment that was verified", () => {
  it("is read back from then on: what is gone is an alarm, until it is there again", async () => {
    const id = await begunRequest(world, [node]);
    const tools = executionTools([system]);
    const clock = standingClock();
    await workOff(world, tools, clock, 2);
    const taint = system.holds.get("taint") ?? "";
    const look = async () => {
      clock.pass(61_000);
      await watchContainment(world.db, tools, clock.now, never);
      return (await became(world, id)).alarms;
    };
    // Containments of other tests belong to systems of their own.
    await pool.query("DELETE FROM containment_watch WHERE request_id <> $1", [id]);
    expect(await look()).toEqual([]);
    system.holds.set("untaint", "somebody else");
    expect(await look()).toEqual(["drifted"]);
    expect(await look()).toEqual(["drifted"]);
    system.holds.delete("untaint");
    system.holds.set("taint", taint);
    expect(await look()).toEqual([]);
    system.hook = () => refuse("unreachable");
    expect(await look()).toEqual([]);
  });
});

describe("a release", () => {
  it("gives work back only after evidence from after it, and says so when none comes", async () => {
    const tools = executionTools([system]);
    const clock = standingClock();
    await begunRequest(world, [node]);
    await workOff(world, tools, clock, 2);
    const id = await begunRequest(world, [node], { action: "release" });
    await workOff(world, tools, clock, 35);
    const { state, steps, outcome, alarms } = await became(world, id);
    expect([state, alarms]).toEqual(["partially_failed", ["incomplete"]]);
    expect(steps).toEqual([
      "snapshot done",
      "lifecycle done",
      "verdict failed",
      "untaint skipped",
      "read_back skipped",
    ]);
    expect(outcome).toContain("No fresh affirming verdict within 30 minutes");
    expect(system.holds.has("taint")).toBe(true);
  });
});

describe("a rehearsal", () => {
  it("checks and previews everything, and changes nothing", async () => {
    const id = await begunRequest(world, [node], { origin: "drill" });
    await workOff(world, executionTools([system]), standingClock(), 2);
    const { state, steps } = await became(world, id);
    expect(state).toBe("succeeded");
    expect(steps.every((line) => line.endsWith("skipped"))).toBe(true);
    expect(new Set(system.calls.map(({ what }) => what))).toEqual(new Set(["preview"]));
    expect(system.effects).toEqual([]);
    expect(await lifeOf(world, node.id)).toBe("trusted in_service");
  });

  it("fails when a step could not be done", async () => {
    const id = await begunRequest(world, [node], { origin: "drill" });
    system.hook = ({ verb }) => {
      if (verb === "deny_requests") refuse("unauthorized");
    };
    await workOff(world, executionTools([system]), standingClock(), 2);
    const { state, steps, alarms } = await became(world, id);
    expect([state, alarms]).toEqual(["failed", []]);
    expect(steps).toContain("deny_requests failed");
    expect(steps).toContain("taint skipped");
  });
});
