import { beforeEach, describe, expect, it } from "vitest";
import { useDatabase, whileLocked } from "#tests/pg";
import { makeRemediationWorld, REASON, type RemediationWorld } from "#tests/remediation-world";
import { NOW } from "#tests/world";
import { reviewRemediation } from "./operate.ts";
import { tellOverdueReviews } from "./overdue-reviews.ts";
import { breakGlass } from "./request.ts";

const { pool } = useDatabase();
const DAY = 86_400_000;

let world: RemediationWorld;
type Person = Awaited<ReturnType<RemediationWorld["person"]>>;
let approver: Person;
let admin: Person;
let count = 0;

beforeEach(async () => {
  await pool.query("TRUNCATE trust_domain, app_user CASCADE");
  world = await makeRemediationWorld(pool);
  approver = await world.person("approver");
  admin = await world.person("admin");
});

const glassBroken = async () => {
  count += 1;
  const nodeIds = [await world.addNode(`n${count}`)];
  const body = { action: "quarantine", targets: { nodeIds }, params: {}, reason: REASON } as const;
  return breakGlass(approver.ctx, body, world.tools);
};
const reviewed = (requestId: string) =>
  reviewRemediation(admin.ctx, { requestId, decision: "ratified", note: REASON });
const tell = (now = () => world.clock.now) => tellOverdueReviews(world.db, now);
const told = async () =>
  (
    await pool.query<{ kind: string; thread: string; severity: string; title: string; at: Date }>(
      "SELECT kind, thread, severity, title, at FROM announcement WHERE kind LIKE 'review.%' ORDER BY at, id",
    )
  ).rows;
const waiting = async () =>
  (
    await pool.query(
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    )
  ).rowCount;
const overdue = async () => (await told()).filter(({ kind }) => kind === "review.overdue");

describe("a review that nobody made in time", () => {
  it("is told of once, as critical, and its matter ends with the review", async () => {
    const { id } = await glassBroken();
    world.later(DAY - 1);
    await tell();
    expect(await overdue()).toEqual([]);
    world.later(1);
    await tell();
    world.later(DAY);
    await tell();
    await reviewed(id);
    await tell();
    const thread = `review:${id}`;
    expect(await told()).toMatchObject([
      { kind: "review.due", severity: "warning", thread },
      {
        kind: "review.overdue",
        severity: "critical",
        thread,
        title: expect.stringContaining("was not reviewed in time"),
        at: new Date(NOW.getTime() + DAY),
      },
      { kind: "review.done", thread },
    ]);
    const { rows } = await pool.query(
      "SELECT actor_kind, after FROM audit_entry WHERE action = 'remediation.review_overdue'",
    );
    expect(rows).toMatchObject([{ actor_kind: "system", after: { review: "open" } }]);
  });

  it("is not told of when it was made in time", async () => {
    const { id } = await glassBroken();
    world.later(DAY - 1);
    await reviewed(id);
    world.later(DAY);
    await tell();
    expect(await overdue()).toEqual([]);
  });

  it("is not told of when it is made while the worker looks", async () => {
    const { id } = await glassBroken();
    world.later(DAY);
    const holder = await pool.connect();
    await holder.query("BEGIN");
    await holder.query("SELECT 1 FROM remediation_request WHERE id = $1 FOR UPDATE", [id]);
    const looking = tell();
    // It has found the review, and waits for the lock of its request.
    await expect.poll(waiting).toBe(1);
    await holder.query("UPDATE remediation_review SET state = 'ratified' WHERE request_id = $1", [id]);
    await holder.query("COMMIT");
    holder.release();
    await looking;
    expect(await overdue()).toEqual([]);
  });

  it("is told of once by workers that find it at a time", async () => {
    const { id } = await glassBroken();
    world.later(DAY);
    const all = () => [tell(), tell(), tell()];
    await whileLocked(pool, "remediation_request", "id = $1", [id], { blocked: 3 }, all);
    expect(await overdue()).toHaveLength(1);
  });

  it("is told of once whatever instant the worker dies at", async () => {
    // A clock that fails is a worker that dies: it is read once to look, and twice for each of the two reviews,
    // before its event is written and before its entry is.
    for (const [reads, toldBefore] of [0, 0, 0, 1, 1, 2].entries()) {
      const before = (await overdue()).length;
      await glassBroken();
      await glassBroken();
      world.later(DAY);
      let left = reads;
      const dying = tell(() => {
        left -= 1;
        if (left < 0) throw new Error("died");
        return world.clock.now;
      });
      await (reads < 5 ? expect(dying).rejects.toThrow("died") : dying);
      expect((await overdue()).length - before).toBe(toldBefore);
      await tell();
      expect((await overdue()).length - before).toBe(2);
    }
  });
});
