import { beforeAll, describe, expect, it } from "vitest";
import { logKeys } from "#db/queries/audit-log";
import { policy, policyVersion } from "#db/schema/policy";
import { toHex, utf8 } from "#lib/domain/merkle/bytes";
import type { EvidenceWanted } from "#lib/domain/report/report";
import type { ReportSnapshot } from "#lib/domain/report/snapshot";
import { sha256Hex } from "#lib/report-pack/contents";
import { type PackCheck, verifyPack } from "#lib/report-pack/verify";
import { readKeys } from "#lib/report-pack/verify-signature";
import { installationKeys } from "#lib/services/baseline/installation-keys";
import { uuidv7 } from "#lib/services/uuidv7";
import { sha256 } from "#lib/transparency/crypto";
import { type AuditWorld, makeAuditWorld } from "#tests/audit-world";
import { smallSnapshot } from "#tests/pack-samples";
import { useDatabase } from "#tests/pg";
import { testSealer } from "#tests/sealer";
import { addVerdict, makeWorld, NOW, type World } from "#tests/world";
import { packReport } from "./pack.ts";

const { pool } = useDatabase();
const POLICY = "name: house\n";
const [FROM, TO] = [new Date(NOW.getTime() - 86_400_000), NOW];
const AFTER = new Date(NOW.getTime() + 60_000);
let world: World;
let log: AuditWorld;
let good: string;
let bad: string;
let snapshot: ReportSnapshot;

beforeAll(async () => {
  world = await makeWorld(pool);
  log = await makeAuditWorld(world.db, world.home, FROM.getTime());
  good = await world.addNode({ name: "good" });
  bad = await world.addNode({ name: "bad", status: "failed" });
  await addVerdict(world, { nodeId: good, at: new Date(TO.getTime() - 1_000), raw: '{"good":1}' });
  await addVerdict(world, { nodeId: bad, at: new Date(TO.getTime() - 2_000), raw: '{"bad":1}' });
  await addVerdict(world, { nodeId: bad, at: new Date(TO.getTime() - 3_000), raw: '{"bad":0}' });
  await addVerdict(world, { nodeId: bad, at: new Date(FROM.getTime() - 1_000), raw: '{"bad":"long ago"}' });
  await addVerdict(world, { nodeId: bad, at: new Date(TO.getTime() + 1_000), raw: '{"bad":"late"}' });
  await log.fill(5, 2);
  const [policyId, createdAt] = [uuidv7(FROM), FROM];
  await world.db.insert(policy).values({ trustDomainId: world.home, id: policyId, name: "house", createdAt });
  await world.db.insert(policyVersion).values({
    ...{ trustDomainId: world.home, policyId, version: 1, text: POLICY, note: "", createdAt },
    digest: Buffer.from(sha256(utf8(POLICY))),
  });
  const row = smallSnapshot().rows.M01?.[0];
  if (!row) throw new Error("The sample has no row");
  snapshot = snapshotOf((measure) => [
    { ...row, key: good, nodeId: good, name: "good" },
    { ...row, key: bad, nodeId: bad, name: "bad", verdict: measure === "M04" ? "missed" : "met" },
  ]);
});

/** A report of this world: the sample's controls, rows of its nodes, its domain, its policy. */
function snapshotOf(rowsOf: (measure: string) => ReportSnapshot["rows"][string]): ReportSnapshot {
  return {
    ...smallSnapshot(rowsOf),
    scope: { domains: [{ id: world.home, name: "home" }], q: "" },
    period: { from: FROM.toISOString(), to: TO.toISOString() },
    knownAt: TO.toISOString(),
    policies: [
      {
        ...{ domainId: world.home, name: "house", version: 1, digest: toHex(sha256(utf8(POLICY))) },
        ...{ selector: "", percent: 100, from: FROM.toISOString(), to: null },
      },
    ],
  };
}

const pack = (evidence: EvidenceWanted = "sample") =>
  packReport({ db: world.db, sealer: testSealer(), now: () => AFTER }, world.home, { snapshot, evidence });

async function check(bytes: Uint8Array): Promise<PackCheck> {
  const keys = readKeys(JSON.stringify(await installationKeys(world)));
  const vkeys = (await logKeys(world.db, world.home)).map(({ vkey }) => vkey);
  return verifyPack(bytes, { keys, vkeys });
}

describe("the evidence pack of a report", () => {
  it("is proven by the keys that the installation publishes, with its policy and a proof that the log only grew", async () => {
    const found = await check(await pack());
    expect(found.findings.filter(({ standing }) => standing === "failed")).toEqual([]);
    expect(found.standing).toBe("proven");
    const texts = found.findings.map(({ text }) => text).join("\n");
    expect(texts).toContain("The policies enclosed (1) are ones that the report names.");
    expect(texts).toContain("which has only grown since it had ");
  });

  it("encloses the newest document about each node of the period as it was known, and not what came later", async () => {
    const texts = Buffer.from(await pack()).toString("latin1");
    expect(texts).toContain(`evidence/${sha256Hex(utf8('{"good":1}'))}.bin`);
    expect(texts).toContain(`evidence/${sha256Hex(utf8('{"bad":1}'))}.bin`);
    expect(texts).not.toContain(sha256Hex(utf8('{"bad":"late"}')));
  });

  it("encloses every document of the period where all are wanted, no older, later or unknown one, and says so", async () => {
    const bytes = await pack("all");
    const texts = Buffer.from(bytes).toString("latin1");
    for (const raw of ['{"good":1}', '{"bad":1}', '{"bad":0}'])
      expect(texts, raw).toContain(`evidence/${sha256Hex(utf8(raw))}.bin`);
    for (const raw of ['{"bad":"late"}', '{"bad":"long ago"}'])
      expect(texts, raw).not.toContain(sha256Hex(utf8(raw)));
    const found = await check(bytes);
    expect(found.standing).toBe("proven");
    expect(found.findings.map(({ text }) => text).join("\n")).toContain("all, as the manifest says");
    const { rows } = await pool.query<{ after: unknown }>(
      "SELECT after FROM audit_entry WHERE action = 'report.pack' AND entity_id = $1 ORDER BY id DESC LIMIT 1",
      [snapshot.id],
    );
    expect(rows[0]?.after).toMatchObject({ extent: "all", documents: 3, sha256: sha256Hex(bytes) });
  });

  it("goes on the record with its digest and the documents that it holds, and proves entries about the report later", async () => {
    const bytes = await pack();
    const { rows } = await pool.query<{ after: { sha256: string; evidence: string[] } }>(
      "SELECT after FROM audit_entry WHERE action = 'report.pack' AND entity_id = $1 ORDER BY id DESC LIMIT 1",
      [snapshot.id],
    );
    expect(rows[0]?.after).toMatchObject({ sha256: sha256Hex(bytes) });
    expect(rows[0]?.after.evidence).toHaveLength(2);
    await log.takeIn();
    const found = await check(await pack());
    expect(found.standing).toBe("proven");
    expect(found.findings.map(({ text }) => text).join("\n")).toMatch(/About this report: [1-9]/);
  });

  it("is not written with more documents than it can hold, and says what to do", async () => {
    await pool.query(
      `INSERT INTO verdict SELECT (jsonb_populate_record(v, jsonb_build_object('event_hash',
          '\\x' || encode(sha256(convert_to(g::text, 'UTF8')), 'hex')))).*
        FROM verdict v CROSS JOIN generate_series(1, 15000) g WHERE v.raw = convert_to('{"good":1}', 'UTF8')`,
    );
    await expect(pack("all")).rejects.toThrow(/Choose a shorter period/);
    expect((await check(await pack())).standing).toBe("proven");
  });
});
