import { beforeEach, describe, expect, it } from "vitest";
import { QUIET_MS } from "#lib/domain/drift-group";
import { type DriftWorld, makeDriftWorld } from "#tests/drift-group-world";
import { useDatabase } from "#tests/pg";
import { ago, MINUTE, NOW } from "#tests/world";
import { groupDrift } from "./group-drift.ts";

const { pool } = useDatabase();
let world: DriftWorld;
let nodes: string[];

const pass = (milliseconds: number) => {
  world.clock.now = new Date(world.clock.now.getTime() + milliseconds);
};
const id = (index: number) => nodes[index] ?? "";

beforeEach(async () => {
  await pool.query("TRUNCATE trust_domain, app_user CASCADE");
  world = await makeDriftWorld(pool);
  nodes = [];
  for (const name of ["a", "b", "c"]) nodes.push(await world.addNode({ name }));
});

describe("groups", () => {
  it("hold one change of many nodes once, and other changes apart", async () => {
    for (const nodeId of nodes) await world.addFinding({ nodeId });
    await world.addFinding({ nodeId: id(0), path: "kernel/b" });
    await world.addFinding({ nodeId: id(1), actual: "3" });
    await world.group();
    expect(await world.groups()).toMatchObject([
      { path: "kernel/a", actual: "2", nodes: 3, state: "undecided", occurrence: 1 },
      { path: "kernel/a", actual: "3", nodes: 1 },
      { path: "kernel/b", nodes: 1 },
    ]);
  });

  it("are not made of what is authorised or benign", async () => {
    await world.addFinding({ nodeId: id(0), class: "authorised" });
    await world.addFinding({ nodeId: id(1), class: "benign", actual: "3" });
    await world.group();
    expect(await world.groups()).toEqual([]);
  });

  it("follow the spread and keep the most nodes at once", async () => {
    await world.addFinding({ nodeId: id(0) });
    await world.group();
    pass(MINUTE);
    await world.addFinding({ nodeId: id(1) });
    await world.group();
    pass(MINUTE);
    await world.endFindings(id(0));
    await world.group();
    const { rows } = await pool.query(
      "SELECT nodes, peak_nodes, first_seen_at, spread_at, priority FROM drift_group",
    );
    expect(rows).toEqual([
      {
        nodes: 1,
        peak_nodes: 2,
        first_seen_at: NOW,
        spread_at: new Date(NOW.getTime() + MINUTE),
        priority: 30,
      },
    ]);
  });

  it("are over after the quiet time, and a recurrence is a new group that is linked", async () => {
    await world.addFinding({ nodeId: id(0) });
    await world.group();
    pass(MINUTE);
    await world.endFindings(id(0));
    await world.group();
    expect(await world.groups()).toMatchObject([{ state: "undecided", nodes: 0, over: false }]);
    pass(QUIET_MS);
    await world.group();
    const [first] = await world.groups();
    expect(first).toMatchObject({ state: "resolved", over: true });
    pass(60 * MINUTE);
    await world.addFinding({ nodeId: id(1) });
    await world.group();
    expect(await world.groups()).toMatchObject([
      { state: "resolved", over: true, nodes: 0 },
      { state: "regressed", over: false, nodes: 1, occurrence: 2, link: "recurred", previousId: first.id },
    ]);
    const { rows } = await pool.query("SELECT first_seen_at FROM drift_group WHERE occurrence = 2");
    expect(rows).toEqual([{ first_seen_at: world.clock.now }]);
  });

  it("link another value of a path whose value was accepted", async () => {
    await world.addFinding({ nodeId: id(0) });
    await world.group();
    await pool.query("UPDATE drift_group SET state = 'accepted', decided_at = now()");
    pass(MINUTE);
    await world.addFinding({ nodeId: id(0), actual: "9" });
    await world.group();
    const [accepted, changed] = await world.groups();
    expect(changed).toMatchObject({
      actual: "9",
      state: "regressed",
      link: "changed_again",
      previousId: accepted.id,
    });
  });

  it("begin anew when the exception that covered them is over", async () => {
    await world.addFinding({ nodeId: id(0) });
    await world.group();
    const exceptionId = await addException(10);
    await pool.query("UPDATE drift_group SET state = 'ignored', exception_id = $1", [exceptionId]);
    pass(1_000);
    await world.supersede(id(0));
    await world.addFinding({ nodeId: id(0), class: "authorised", exceptionId });
    await world.group();
    expect(await world.groups()).toMatchObject([{ state: "ignored", over: false, nodes: 0 }]);
    pass(11 * MINUTE);
    await pool.query("INSERT INTO drift_dirty VALUES ($1, $2, $3, $3, 1)", [
      world.home,
      id(0),
      world.clock.now,
    ]);
    await world.supersede(id(0));
    await world.addFinding({ nodeId: id(0) });
    await world.group();
    // The node is about to be compared again: nothing is said yet.
    expect(await world.groups()).toMatchObject([{ state: "ignored", over: false }]);
    await pool.query("DELETE FROM drift_dirty");
    await world.group();
    expect(await world.groups()).toMatchObject([
      { state: "ignored", over: true },
      { state: "regressed", link: "exception_over", nodes: 1 },
    ]);
  });

  it("of what is believed no more are over at once", async () => {
    await world.addFinding({ nodeId: id(0) });
    await world.group();
    pass(MINUTE);
    await world.supersede(id(0));
    await world.group();
    expect(await world.groups()).toMatchObject([{ state: "resolved", over: true }]);
  });

  it("come out the same when two workers run at once, or one dies before it notes how far it came", async () => {
    for (const nodeId of nodes) await world.addFinding({ nodeId });
    await Promise.all([world.group(), world.group(), world.group()]);
    const once = await world.groups();
    await pool.query("DELETE FROM drift_group_cursor");
    await world.group();
    expect(await world.groups()).toEqual(once);
    expect(once).toHaveLength(1);
  });

  it("see findings whose transaction ends after the groups were made", async () => {
    await world.group();
    const slow = await pool.connect();
    await slow.query("BEGIN");
    await slow.query(
      `INSERT INTO drift_finding SELECT $1, $2, $3, '', '\\x01', $4, $4, NULL, NULL, $5, 1, 'kernel/slow', 'added',
         'kernel', '{}', 'x', 'unexplained', 'r', 'w', 'degrade', 30, NULL, NULL`,
      [world.home, id(0), world.lab, world.clock.now, world.baselineId],
    );
    await world.addFinding({ nodeId: id(1) });
    pass(MINUTE);
    await world.group();
    await slow.query("COMMIT");
    slow.release();
    pass(MINUTE);
    await world.group();
    expect((await world.groups()).map(({ path }) => path)).toEqual(["kernel/a", "kernel/slow"]);
  });

  it("stop between two chunks when told to, and go on later", async () => {
    await world.addFinding({ nodeId: id(0) });
    await groupDrift.run({ db: world.db, now: () => world.clock.now }, AbortSignal.abort());
    expect(await world.groups()).toEqual([]);
    await world.group();
    expect(await world.groups()).toHaveLength(1);
  });
});

async function addException(expiresInMinutes: number): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO drift_exception (trust_domain_id, id, pattern, selector, reason, created_at, valid_from, expires_at)
     VALUES ($1, gen_random_uuid(), 'kernel/.*', '', 'test', $2, $2, $3) RETURNING id`,
    [world.home, ago(0), new Date(NOW.getTime() + expiresInMinutes * MINUTE)],
  );
  return rows[0]?.id ?? "";
}
