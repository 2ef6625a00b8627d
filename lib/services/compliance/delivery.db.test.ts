import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import type { ServiceContext } from "#lib/services/context";
import { removeSink } from "#lib/services/sink/remove";
import { type DriftLab, makeDriftLab } from "#tests/drift-lab-world";
import { useDatabase } from "#tests/pg";
import { measure } from "./measure.ts";

const { pool } = useDatabase();
const NOW = Date.parse("2026-03-01T12:00:00Z");
const OTHER = randomUUID();

let lab: DriftLab;
let admin: ServiceContext;
let sinkId: string;
let seq = 0;

beforeEach(async () => {
  await pool.query("TRUNCATE trust_domain, app_user CASCADE");
  lab = await makeDriftLab(pool, NOW, {});
  await pool.query("INSERT INTO trust_domain (id, name, created_at) VALUES ($1, 'other', $2)", [
    OTHER,
    lab.at(0),
  ]);
  admin = await lab.person("admin");
  seq = 0;
  sinkId = await addSink();
  lab.clock.now = lab.at(300);
});

async function addSink(
  more: { domain?: string; createdAt?: number; countedFrom?: number; disabledAt?: number } = {},
) {
  const id = randomUUID();
  const { domain = lab.trustDomainId, createdAt = 0, countedFrom, disabledAt } = more;
  await pool.query(
    `INSERT INTO sink (trust_domain_id, id, name, kind, settings, ocsf_version, facts, created_at, revision, cursor,
       delivered, missed, failures, disabled_at, counted_from)
     VALUES ($1, $2::uuid, 'siem ' || $2::uuid, 'ndjson', '{}', '1.8.0', '{audit}', $3, 1, 0, 0, 0, 0, $4, $5)`,
    [
      ...[domain, id, lab.at(createdAt)],
      disabledAt === undefined ? null : lab.at(disabledAt),
      countedFrom === undefined ? null : lab.at(countedFrom),
    ],
  );
  return id;
}

type Minute = {
  facts?: number;
  late?: number;
  missed?: number;
  through?: number;
  id?: string;
  domain?: string;
};
const told = (
  minute: number,
  { facts = 0, late = 0, missed = 0, through = 0, id = sinkId, domain }: Minute,
) =>
  pool.query("INSERT INTO sink_delivery VALUES ($1, $2, $3, $4, $5, $6, $7)", [
    ...[domain ?? lab.trustDomainId, id, lab.at(minute), facts, late, missed, through],
  ]);
const refused = (minute: number, replayed: number | null, id = sinkId) => {
  seq += 1;
  return pool.query("INSERT INTO sink_refusal VALUES ($1, $2, $3, $4, $5)", [
    ...[lab.trustDomainId, id, seq, lab.at(minute), replayed === null ? null : lab.at(replayed)],
  ]);
};
/** A fact in the feed, behind all others. */
const noted = (minute: number, { kind = "audit", place = true }: { kind?: string; place?: boolean } = {}) => {
  seq += 1;
  return pool.query(
    "INSERT INTO feed_fact (trust_domain_id, id, seq, kind, at, fact) VALUES ($1, $2, $3, $4, $5, '{}')",
    [lab.trustDomainId, randomUUID(), place ? seq : null, kind, lab.at(minute)],
  );
};

const between = (from: number, to: number) =>
  measure(admin, { measureId: "M20", from: lab.isoAt(from), to: lab.isoAt(to) });
const totals = async (from = 0, to = 60) => {
  const { met, missed, basis } = (await between(from, to)).measure.totals;
  return [met, missed, basis];
};

describe("delivery to other systems", () => {
  it("is the share of facts that were told in time; every other fate is missed, and shown apart", async () => {
    await told(10, { facts: 90, late: 2, through: 90 });
    await told(20, { facts: 10, missed: 3, through: 103 });
    await refused(20, null);
    seq = 103;
    await noted(30);
    const { measure: delivery, rows } = await between(0, 60);
    expect(delivery).toMatchObject({
      result: "not_satisfied",
      unit: "facts",
      totals: { met: 98, missed: 7, basis: 105 },
    });
    expect(
      rows.map(({ kind, key, verdict, weight, detail }) => [kind, key, verdict, weight, detail]).sort(),
    ).toEqual(
      [
        ["sink", `${sinkId}/told`, "met", 98, "told in time"],
        ["sink", `${sinkId}/late`, "missed", 2, "told later than five minutes"],
        ["sink", `${sinkId}/forgotten`, "missed", 3, "not kept any more when due"],
        ["sink", `${sinkId}/refused`, "missed", 1, "refused by the receiver and not sent again"],
        ["sink", `${sinkId}/waiting`, "missed", 1, "waiting at the end of the period"],
      ].sort(),
    );
    expect(rows[0]?.name).toBe(`siem ${sinkId}`);
  });

  it("is good enough from 99 of 100 on", async () => {
    await told(10, { facts: 100, late: 1 });
    expect((await between(0, 60)).measure.result).toBe("satisfied");
    await refused(11, null);
    expect((await between(0, 60)).measure.result).toBe("not_satisfied");
  });

  it("has no data, and says why, where no sink was told or owed anything", async () => {
    await noted(10);
    await pool.query("DELETE FROM sink");
    const { measure: delivery } = await between(0, 60);
    expect(delivery).toMatchObject({ result: "no_data", totals: { basis: 0 } });
    expect(delivery.reason).toContain("No sink was told anything");
  });

  it("counts whole minutes inside the period alone, so that what is told later changes nothing", async () => {
    await told(0, { facts: 1 });
    await told(9, { facts: 2 });
    await told(10, { facts: 4 });
    expect(await totals(0, 10)).toEqual([3, 0, 3]);
    expect(await totals(0, 10.5)).toEqual([3, 0, 3]);
    expect(await totals(0.5, 11)).toEqual([6, 0, 6]);
    await refused(10, null);
    await pool.query("UPDATE sink_delivery SET facts = 8 WHERE minute = $1", [lab.at(10)]);
    expect(await totals(0, 10.5)).toEqual([3, 0, 3]);
  });

  it("misses what was refused until it is sent again, also as of a period that ended before", async () => {
    await refused(10, 40);
    await refused(70, null);
    expect(await totals(0, 30)).toEqual([0, 1, 1]);
    expect(await totals(0, 40)).toEqual([0, 1, 1]);
    expect(await totals(0, 60)).toEqual([0, 0, 0]);
    expect(await totals(30, 60)).toEqual([0, 0, 0]);
  });

  it("misses what waited for longer than five minutes at the end, also when it was told since", async () => {
    await told(5, { facts: 1, through: 1 });
    seq = 1;
    await noted(10);
    await told(40, { facts: 1, late: 1, through: 2 });
    expect(await totals(0, 15)).toEqual([1, 0, 1]);
    expect(await totals(0, 16)).toEqual([1, 1, 2]);
    expect(await totals(0, 40)).toEqual([1, 1, 2]);
    expect(await totals(0, 60)).toEqual([1, 1, 2]);
    expect((await between(0, 60)).rows.map(({ key }) => key)).not.toContain(`${sinkId}/waiting`);
  });

  it("waits also for what has no place in the order yet, and for nothing that the sink is not told", async () => {
    await noted(10, { place: false });
    await noted(10, { kind: "drift" });
    await noted(10, { kind: "drift", place: false });
    expect(await totals()).toEqual([0, 1, 1]);
  });

  it("leaves out what was noted before the sink was counted", async () => {
    await pool.query("DELETE FROM sink");
    await noted(10);
    await addSink({ createdAt: 20 });
    await addSink({ createdAt: 0, countedFrom: 20 });
    expect(await totals()).toEqual([0, 0, 0]);
    await noted(20);
    expect(await totals()).toEqual([0, 2, 2]);
  });

  it("does not wait for a sink that was off, and remembers what it was told", async () => {
    await pool.query("DELETE FROM sink");
    const off = await addSink({ disabledAt: 30 });
    await noted(10);
    await told(5, { facts: 1, id: off });
    expect(await totals(0, 60)).toEqual([1, 0, 1]);
    expect(await totals(0, 20)).toEqual([1, 1, 2]);
  });

  it("is not made better by removing the sink", async () => {
    await told(10, { facts: 3, late: 1, missed: 1, through: 3 });
    await refused(10, null);
    const before = await totals();
    await removeSink(admin, { sinkId });
    expect(await totals()).toEqual(before);
    expect(before).toEqual([2, 3, 5]);
    expect((await between(0, 60)).rows[0]?.name).toBe("a sink that was removed");
  });

  it("is of the domains that one may see", async () => {
    const foreign = await addSink({ domain: OTHER });
    await told(10, { facts: 5, id: foreign, domain: OTHER });
    await pool.query("INSERT INTO sink_refusal VALUES ($1, $2, 1, $3, NULL)", [OTHER, foreign, lab.at(10)]);
    await pool.query(
      "INSERT INTO feed_fact (trust_domain_id, id, seq, kind, at, fact) VALUES ($1, $2, 1, 'audit', $3, '{}')",
      [OTHER, randomUUID(), lab.at(10)],
    );
    expect(await totals()).toEqual([0, 0, 0]);
  });
});
