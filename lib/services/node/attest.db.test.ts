import { createHash } from "node:crypto";
import { createLocalJWKSet, jwtVerify } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { auditEntry } from "#db/schema/people";
import { openEnvelope } from "#db/signing";
import type { AttestationFormat } from "#lib/domain/attestation-statement";
import { canonicalJson } from "#lib/domain/change-request";
import { installationKeys } from "#lib/services/baseline/installation-keys";
import { listSigningKeys } from "#lib/services/baseline/signing-keys";
import { readEarClaims } from "#lib/sources/ear/claims";
import { readSummary } from "#lib/sources/vsa/statement";
import { useDatabase } from "#tests/pg";
import { testSealer } from "#tests/sealer";
import { makeWorld, NOW, refusalOf, type World } from "#tests/world";
import { attestNode } from "./attest.ts";

const { pool } = useDatabase();
const IN_TOTO = "application/vnd.in-toto+json";
const verifier = { id: "https://touchstone.example", version: "1.0.0" };
let world: World;
let good: string;
let failed: string;

beforeAll(async () => {
  world = await makeWorld(pool);
  good = await world.addNode({ name: "good" });
  failed = await world.addNode({ name: "failed", status: "failed" });
});

const tools = () => ({ sealer: testSealer(), verifier });
const attest = async (nodeId: string, format: AttestationFormat, ctx = world.as("viewer")) =>
  (await attestNode(ctx, { nodeId, format }, tools())).text;

async function statementOf(nodeId: string, format: AttestationFormat) {
  const envelope = JSON.parse(await attest(nodeId, format)) as unknown;
  const { rows } = await pool.query<{ kid: string; publicKey: Buffer }>(
    'SELECT kid, public_key AS "publicKey" FROM signing_key',
  );
  const payload = openEnvelope(envelope, IN_TOTO, rows);
  return JSON.parse(payload?.toString("utf8") ?? "null") as {
    subject: { digest: { sha256: string } }[];
    predicate: Record<string, unknown>;
  };
}

describe("a signed statement about a node", () => {
  it("verifies with the key of the installation and says what is known, as others read it", async () => {
    const statement = await statementOf(good, "vsa");
    const { summary } = readSummary(statement);
    expect(summary).toMatchObject({
      resourceUri: `urn:touchstone:node:${good}`,
      verificationResult: "PASSED",
      timeVerified: NOW.getTime(),
    });
    const { summary: bad } = readSummary(await statementOf(failed, "vsa"));
    expect([bad.verificationResult, bad.verifiedLevels]).toEqual(["FAILED", []]);
    expect((await statementOf(failed, "test-result")).predicate.result).toBe("FAILED");
  });

  it("digests exactly the state that it carries, so that whoever holds it can compute it again", async () => {
    const { subject, predicate } = await statementOf(good, "vsa");
    const state = canonicalJson(predicate["urn:touchstone:node-state:v1"]);
    expect(subject[0]?.digest.sha256).toBe(createHash("sha256").update(state).digest("hex"));
    const { evidence } = predicate["urn:touchstone:node-state:v1"] as { evidence: { rawSha256: string }[] };
    const { rows } = await pool.query<{ sha: string }>(
      "SELECT encode(raw_sha256, 'hex') AS sha FROM verdict WHERE node_id = $1 ORDER BY observed_at DESC LIMIT 1",
      [good],
    );
    expect(evidence.map(({ rawSha256 }) => rawSha256)).toEqual(rows.map(({ sha }) => sha));
  });

  it("is an attestation result that verifies with the published keys and reads like one of any verifier", async () => {
    const token = await attest(good, "ear");
    const keys = createLocalJWKSet(await installationKeys(world.as("viewer")));
    const { payload, protectedHeader } = await jwtVerify(token, keys, { currentDate: NOW });
    expect(protectedHeader).toMatchObject({ alg: "EdDSA", typ: "eat+jwt" });
    expect(readEarClaims(payload)).toMatchObject({ submods: [{ name: "node", status: "affirming" }] });
    const [, claims = "", signature] = token.split(".");
    const forged = `${token.split(".")[0]}.${claims.replace(/.$/, (last) => (last === "A" ? "B" : "A"))}.${signature}`;
    await expect(jwtVerify(forged, keys, { currentDate: NOW })).rejects.toThrow();
  });

  it("signs with one key per trust domain, which is published without naming anybody", async () => {
    await attest(good, "vsa");
    const { items } = await listSigningKeys(world.as("viewer"));
    const { keys } = await installationKeys(world.as("viewer"));
    expect(keys.map(({ kid }) => kid)).toEqual(items.map(({ kid }) => kid));
    expect(JSON.stringify(keys)).not.toContain(world.home);
  });

  it("is on the record with its digest, and nobody gets one about a node that they do not see", async () => {
    expect(await refusalOf(attest(good, "vsa", world.as("admin", [world.away])))).toBe("node/not-found");
    const before = (await world.db.select().from(auditEntry)).length;
    await attest(good, "ear");
    const entries = await world.db.select().from(auditEntry);
    expect(entries).toHaveLength(before + 1);
    expect(
      entries.find(({ action, outcome }) => action === "node.attest" && outcome === "done"),
    ).toMatchObject({
      entityId: good,
      after: { decision: "allow" },
    });
  });
});
