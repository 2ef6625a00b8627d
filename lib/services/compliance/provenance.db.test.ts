import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import type { ServiceContext } from "#lib/services/context";
import { nodeEvents } from "#lib/services/node/events";
import { type DriftLab, makeDriftLab } from "#tests/drift-lab-world";
import { BATCH } from "#tests/ingest-world";
import { bootstrapDocument } from "#tests/lifecycle-world";
import { useDatabase } from "#tests/pg";
import { measure } from "./measure.ts";

const { pool } = useDatabase();
const NOW = Date.parse("2026-03-01T12:00:00Z");
const DIGEST = "ab".repeat(32);

let lab: DriftLab;
let admin: ServiceContext;
let provisioner: string;

beforeEach(async () => {
  await pool.query("TRUNCATE trust_domain, app_user CASCADE");
  lab = await makeDriftLab(pool, NOW, {});
  admin = await lab.person("admin");
  provisioner = (await lab.addSource({ kind: "generic", name: "provisioner" })).bearer;
  for (const node of ["a", "b"]) await lab.report(0, node, { x: "1" });
});

/** What a source says at a minute (received then) about an image that was installed at another. */
async function installed(
  node: string,
  {
    at,
    said = at,
    provenance,
    bearer = provisioner,
  }: { at: number; said?: number; provenance?: object; bearer?: string },
): Promise<void> {
  lab.clock.now = lab.at(said);
  const document = bootstrapDocument(node, lab.at(at).getTime(), "provisioning.image_completed", {
    ...(provenance && { provenance }),
  });
  const { json } = await lab.send({ bearer, headers: BATCH, body: JSON.stringify([document]) });
  expect(json.rejected).toEqual([]);
}

const VERIFIED = { verified: true, by: "cosign", digest: DIGEST };
const REFUTED = { verified: false };

async function verdicts(to = 60, knownAt?: number): Promise<Record<string, string>> {
  const query = { measureId: "M22", from: lab.isoAt(0), to: lab.isoAt(to), limit: "200" };
  const { rows } = await measure(admin, {
    ...query,
    ...(knownAt !== undefined && { knownAt: lab.isoAt(knownAt) }),
  });
  return Object.fromEntries(rows.map(({ name, verdict, detail }) => [name, `${verdict}: ${detail}`]));
}

describe("provenance of images", () => {
  it("is met where it was verified, missed where it was not, and not covered where nobody says", async () => {
    await installed("a", { at: 10, provenance: VERIFIED });
    await installed("b", { at: 10, provenance: REFUTED });
    await lab.report(11, "c", { x: "1" });
    await lab.report(11, "d", { x: "1" });
    await installed("c", { at: 12 });
    lab.clock.now = lab.at(60);
    expect(await verdicts()).toEqual({
      a: "met: verified by cosign",
      b: "missed: not verified",
      c: "not_covered: nothing stated",
      d: "not_covered: no image event",
    });
    const { measure: provenance } = await measure(admin, {
      measureId: "M22",
      from: lab.isoAt(0),
      to: lab.isoAt(60),
    });
    expect(provenance).toMatchObject({
      result: "not_satisfied",
      totals: { met: 1, missed: 1, notCovered: 2 },
    });
  });

  it("has no data, and says why, where no event says anything", async () => {
    await installed("a", { at: 10 });
    lab.clock.now = lab.at(60);
    const { measure: provenance } = await measure(admin, {
      measureId: "M22",
      from: lab.isoAt(0),
      to: lab.isoAt(60),
    });
    expect(provenance.result).toBe("no_data");
    expect(provenance.reason).toContain("No event about an installed image says");
  });

  it("is that of the newest image by the end of the period, and a correction is the word that came last", async () => {
    await installed("a", { at: 10, provenance: VERIFIED });
    await installed("a", { at: 30, provenance: REFUTED });
    await installed("a", { at: 31 });
    await installed("b", { at: 10, said: 32, provenance: VERIFIED });
    await installed("b", { at: 10, said: 33, provenance: REFUTED });
    lab.clock.now = lab.at(60);
    expect(await verdicts(20)).toMatchObject({ a: "met: verified by cosign", b: "missed: not verified" });
    expect((await verdicts(30)).a).toBe("missed: not verified");
    expect((await verdicts(60)).a).toBe("not_covered: nothing stated");
  });

  it("comes late: it counts for the past by what is known now, and not by what was known then", async () => {
    await installed("a", { at: 10, said: 40, provenance: VERIFIED });
    lab.clock.now = lab.at(60);
    expect((await verdicts(20)).a).toBe("met: verified by cosign");
    expect((await verdicts(20, 30)).a).toBe("not_covered: no image event");
    expect((await verdicts(20, 40)).a).toBe("met: verified by cosign");
  });

  it("rests on no key that is distrusted, from when people decided it on", async () => {
    await installed("a", { at: 10, provenance: VERIFIED });
    await pool.query("UPDATE bootstrap_event SET kid = 'k'");
    lab.clock.now = lab.at(60);
    expect((await verdicts()).a).toBe("met: verified by cosign");
    const { rows } = await pool.query<{ source_id: string }>("SELECT source_id FROM bootstrap_event");
    await pool.query(
      `INSERT INTO rederivation (trust_domain_id, id, source_id, kid, since, recorded_at, nodes_total, nodes_done)
       VALUES ($1, $2, $3, 'k', $4, $5, 0, 0)`,
      [lab.trustDomainId, randomUUID(), rows[0]?.source_id, lab.at(5), lab.at(50)],
    );
    expect((await verdicts()).a).toBe("not_covered: no image event");
    expect((await verdicts(40, 45)).a).toBe("met: verified by cosign");
  });

  it("is no matter of a source that does not speak for provisioning, nor of a person's word", async () => {
    const shown = await lab.addSource({
      ...{ kind: "generic", name: "shown", staleAfterMs: null },
      authority: { authoritativeFor: ["operation"] },
    });
    await installed("a", { at: 10, provenance: VERIFIED, bearer: shown.bearer });
    await installed("b", { at: 10, provenance: VERIFIED });
    await pool.query(
      "UPDATE bootstrap_event SET link_id = $1, linked_at = received_at WHERE source_id <> $2",
      [...[randomUUID(), shown.id]],
    );
    lab.clock.now = lab.at(60);
    expect(await verdicts()).toEqual({ a: "not_covered: no image event", b: "not_covered: no image event" });
  });

  it("is told with the event, hostile names and all", async () => {
    const by = "<img src=x onerror=alert(1)>'; DROP TABLE node; -- \u202e";
    await installed("a", { at: 10, provenance: { verified: true, by } });
    lab.clock.now = lab.at(60);
    expect((await verdicts()).a).toBe(`met: verified by ${by}`);
    const { items } = await nodeEvents(admin, { nodeId: await lab.nodeId("a"), limit: 10 });
    expect(items.map(({ provenance }) => provenance)).toEqual([{ verified: true, by, digest: null }]);
  });
});
