import { beforeEach, describe, expect, it } from "vitest";
import { useDatabase, whileLocked } from "#tests/pg";
import { makeRemediationWorld, REASON, type RemediationWorld } from "#tests/remediation-world";
import { NOW, refusalOf } from "#tests/world";
import { expirePauses } from "./expire-pauses.ts";
import { endPause, pauseList, pauseRemediation } from "./pause.ts";

const { pool } = useDatabase();
const HOUR = 3_600_000;

let world: RemediationWorld;
let admin: Awaited<ReturnType<RemediationWorld["person"]>>;

beforeEach(async () => {
  await pool.query("TRUNCATE trust_domain, app_user CASCADE");
  world = await makeRemediationWorld(pool);
  admin = await world.person("admin");
});

const until = (ms: number) => new Date(NOW.getTime() + ms).toISOString();
const pause = (scope: "all" | "automatic" = "all") =>
  pauseRemediation(admin.ctx, { scope, reason: REASON, until: until(HOUR) });
const expire = () => expirePauses(world.db, () => world.clock.now);
const told = async () =>
  (await pool.query("SELECT kind, thread, labels, title, summary, at FROM announcement ORDER BY at, id"))
    .rows;
const audits = async () =>
  (await pool.query("SELECT action FROM audit_entry WHERE outcome = 'done' ORDER BY at, id")).rows.map(
    ({ action }) => action,
  );

describe("a pause", () => {
  it("is told when it begins and when somebody ends it, as one matter", async () => {
    const { id } = await pause();
    world.later(1_000);
    await endPause(admin.ctx, { pauseId: id, reason: "The verifier is well again" });
    const common = { thread: `pause:${id}`, labels: { scope: "all" } };
    expect(await told()).toEqual([
      {
        ...common,
        kind: "pause.begun",
        title: `Every remediation is held back until ${until(HOUR)}`,
        summary: `${admin.email}: ${REASON}`,
        at: NOW,
      },
      {
        ...common,
        kind: "pause.ended",
        title: "A pause is over: every remediation",
        summary: `${admin.email}: The verifier is well again`,
        at: new Date(NOW.getTime() + 1_000),
      },
    ]);
  });

  it("that is refused is told to nobody", async () => {
    const past = { scope: "all", reason: REASON, until: until(-1) } as const;
    expect(await refusalOf(pauseRemediation(admin.ctx, past))).toBe("request/invalid");
    expect(await told()).toEqual([]);
  });

  it("that runs out is told once, as of the instant at which it ran out, and is on the record", async () => {
    const { id } = await pause("automatic");
    world.later(HOUR - 1);
    await expire();
    expect(await told()).toHaveLength(1);
    world.later(60_000);
    const both = () => [expire(), expire()];
    await whileLocked(pool, "pause_request", "id = $1", [id], { blocked: 2 }, both);
    await expire();
    const [, ...ends] = await told();
    expect(ends).toMatchObject([
      {
        kind: "pause.ended",
        title: "A pause is over: automatic containment",
        summary: "Its time is over.",
        at: new Date(NOW.getTime() + HOUR),
      },
    ]);
    expect(await audits()).toEqual(["remediation.pause", "remediation.expire_pause"]);
    expect((await pauseList(admin.ctx)).items).toMatchObject([{ id, active: false, endedAt: until(HOUR) }]);
  });

  it("that somebody ended is not told again when its time is over", async () => {
    const { id } = await pause();
    await endPause(admin.ctx, { pauseId: id, reason: REASON });
    world.later(2 * HOUR);
    await expire();
    expect(await told()).toHaveLength(2);
  });
});
