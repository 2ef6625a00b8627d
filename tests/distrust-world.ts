/** Sources with keys, and verdicts that are stored as if their signatures had been checked. */
import { createHash, createPublicKey, generateKeyPairSync, randomUUID } from "node:crypto";
import type { Pool } from "pg";
import type { Db } from "#db/client";
import type { Tier } from "#lib/domain/ar4si";
import { laneStateOf, reasonSentence } from "#lib/domain/trust-status";
import type { Outcome, Verdict } from "#lib/domain/verdict";
import { eventHash, evidenceKey } from "#lib/ingest/digest";
import type { VerdictFact } from "#lib/ingest/interpret";
import { loadSource } from "#lib/ingest/load-source";
import { type Stored, storeFacts } from "#lib/ingest/store";
import { testSealer } from "#tests/sealer";

/** What a verdict of these tests says. */
export const SAYINGS = ["good", "warning", "bad", "unreachable"] as const;
export type Saying = (typeof SAYINGS)[number];

const MEANING: Record<Saying, { outcome: Outcome; tier: Tier; vector: Verdict["vector"] }> = {
  good: { outcome: "verified_good", tier: "affirming", vector: [0, 0, 2, 0, 0, 0, 0, 0] },
  warning: { outcome: "verified_bad", tier: "warning", vector: [0, 0, 32, 0, 0, 0, 0, 0] },
  bad: { outcome: "verified_bad", tier: "contraindicated", vector: [0, 0, 96, 0, 0, 0, 0, 0] },
  unreachable: { outcome: "unreachable", tier: "none", vector: [0, 0, 0, 0, 0, 0, 0, 0] },
};

export type Said = {
  node: string;
  says: Saying;
  atMs: number;
  /** `null` = not signed. */
  kid: string | null;
  /** Tells verdicts apart that are alike otherwise. */
  serial: number;
  /** What it states about each claim; without one what belongs to its saying. */
  vector?: Verdict["vector"];
};

/** A verdict as the ingest path makes it of a message. */
export function verdictFact({ node, says, atMs, kid, serial, vector }: Said): VerdictFact {
  const meaning = { ...MEANING[says], ...(vector && { vector }) };
  const verdict: Verdict = {
    identities: [{ kind: "custom", value: node, strong: true }] as unknown as Verdict["identities"],
    displayName: node,
    submod: "",
    observedAtMs: atMs,
    expiresAtMs: null,
    ...meaning,
    vectorOrigin: "native",
    mappingVersion: null,
    statusMismatch: false,
    coverage: says === "good" ? ["measured_boot"] : [],
    measurements: {},
    reasons: [],
    policyIds: [],
    verifier: { id: null, build: null },
    freshness: "evidence",
  };
  const raw = Buffer.from(JSON.stringify({ node, says, atMs, kid, serial, vector }));
  const rawSha256 = createHash("sha256").update(raw).digest("hex");
  const state = laneStateOf(verdict);
  return {
    kind: "verdict",
    verdict,
    raw,
    rawMediaType: "application/json",
    signature:
      kid === null
        ? { status: "unsigned_transport_auth" }
        : ({ status: "verified", kid, alg: "ES256" } as VerdictFact["signature"]),
    index: 0,
    state,
    reason: reasonSentence(verdict),
    rawSha256,
    eventHash: eventHash(rawSha256, ""),
    evidenceKey: evidenceKey(verdict, state, null, kid),
    measurementDigest: null,
    kid,
    alg: kid === null ? null : "ES256",
  };
}

const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
/** The public key of all of these sources. */
export const JWK = createPublicKey(publicKey.export({ format: "pem", type: "spki" })).export({
  format: "jwk",
});

/** @returns the new domain's id */
export async function addDomain(pool: Pool, now: Date): Promise<string> {
  const id = randomUUID();
  await pool.query("INSERT INTO trust_domain (id, name, created_at) VALUES ($1, $2, $3)", [
    id,
    `domain ${id}`,
    now,
  ]);
  return id;
}

/** Add a source with keys of which all are active. @returns its id */
export async function addKeyedSource(
  pool: Pool,
  trustDomainId: string,
  source: { name: string; staleAfterMs: number | null; kids: readonly string[]; now: Date },
): Promise<string> {
  const id = randomUUID();
  await pool.query(
    `INSERT INTO source (trust_domain_id, id, kind, name, accept_past_ms, accept_future_ms, stale_after_ms, created_at)
     VALUES ($1, $2, 'generic', $3, 3600000, 300000, $4, $5)`,
    [trustDomainId, id, source.name, source.staleAfterMs, source.now],
  );
  for (const kid of source.kids) {
    await pool.query(
      `INSERT INTO source_key (trust_domain_id, source_id, kid, alg, jwk, state, valid_from, created_at)
       VALUES ($1, $2, $3, 'ES256', $4, 'active', $5, $5)`,
      [trustDomainId, id, kid, JSON.stringify(JWK), source.now],
    );
  }
  return id;
}

/** Store verdicts of one source through the real change path. */
export async function store(
  db: Db,
  source: { trustDomainId: string; id: string },
  said: readonly Said[],
  receivedAt: Date,
): Promise<Stored> {
  const access = { db, sealer: testSealer() };
  const loaded = await loadSource(access, source.trustDomainId, source.id, {
    now: receivedAt,
    backfill: false,
  });
  if (!loaded) throw new Error("no such source");
  const facts = { verdicts: said.map(verdictFact), bootstrap: [], refusals: [] };
  return storeFacts({ pool: db.$client, source: loaded, receivedAt, backfill: false }, facts);
}

/** What a second person's approval does to the key, without the people. */
export async function distrust(
  pool: Pool,
  key: { trustDomainId: string; sourceId: string; kid: string },
  since: Date,
  recordedAt: Date,
): Promise<void> {
  const { trustDomainId, sourceId, kid } = key;
  const { rows } = await pool.query(
    "SELECT distrusted_since FROM source_key WHERE trust_domain_id = $1 AND source_id = $2 AND kid = $3",
    [trustDomainId, sourceId, kid],
  );
  await pool.query(
    `UPDATE source_key SET state = 'distrusted', distrusted_since = $4
     WHERE trust_domain_id = $1 AND source_id = $2 AND kid = $3`,
    [trustDomainId, sourceId, kid, since],
  );
  await pool.query(
    `INSERT INTO rederivation (trust_domain_id, id, source_id, kid, since, previous_since, recorded_at, nodes_total, nodes_done)
     SELECT $1, $2, $3, $4, $5, $6, $7, count(DISTINCT node_id), 0 FROM lane WHERE trust_domain_id = $1 AND source_id = $3`,
    [trustDomainId, randomUUID(), sourceId, kid, since, rows[0].distrusted_since, recordedAt],
  );
}
