/** Puts an evidence pack together: what a report rests on, gathered and signed. */
import type { Conn, Db } from "#db/client";
import { auditInsert, auditLeafBytes } from "#db/queries/audit";
import { checkpointLatest, logKeys } from "#db/queries/audit-log";
import { checkpointBefore, citedEntries, packEvidence, policyTexts } from "#db/queries/report-pack";
import type { Sealer } from "#db/sealing";
import { signEnvelope } from "#db/signing";
import { formatProofFile } from "#lib/domain/merkle/proof-file";
import { consistencyRanges, inclusionRanges } from "#lib/domain/merkle/tree";
import { keepsToPeriod, type ReportSnapshot } from "#lib/domain/report/snapshot";
import { type ReportFormat, ReportFormatError } from "#lib/report/contract";
import { buildPack, type PackContents } from "#lib/report-pack/build";
import { type AuditExcerpt, type EvidenceDocument, sha256Hex } from "#lib/report-pack/contents";
import { PackError } from "#lib/report-pack/zip";
import { installationKeys } from "#lib/services/baseline/installation-keys";
import { signingKey } from "#lib/services/baseline/sign";
import { iso } from "#lib/services/instant";
import { uuidv7 } from "#lib/services/uuidv7";
import { readProof } from "#lib/transparency/prove";

/** Nodes whose newest document is enclosed, those that let a measure down first. */
const SAMPLE_NODES = 50;
/** Entries of a log that are proven. */
const CITED = 200;

export type PackTools = { db: Db; sealer: Sealer; now: () => Date };

/**
 * Everything but the signature comes from one view of the database. That it was signed, and which raw documents it
 * holds, goes on the record: whoever may read the pack reads those.
 *
 * @param trustDomainId the domain whose key signs, and whose record it goes on
 */
export async function packReport(
  { db, sealer, now }: PackTools,
  trustDomainId: string,
  snapshot: ReportSnapshot,
): Promise<Uint8Array> {
  const key = await db.transaction((tx) => signingKey(tx, trustDomainId, sealer, now()));
  const contents = await db.transaction((tx) => contentsOf(tx, snapshot), {
    isolationLevel: "repeatable read",
    accessMode: "read only",
  });
  const bytes = buildPack(contents, (payloadType, payload) => signEnvelope(payloadType, payload, key));
  const at = now();
  await auditInsert(db, {
    ...{ trustDomainId, id: uuidv7(at), at, actorKind: "system", actorId: "reports" },
    ...{ action: "report.pack", entity: "report", entityId: snapshot.id, outcome: "done", before: null },
    after: {
      ...{ sha256: sha256Hex(bytes), kid: key.kid },
      evidence: contents.evidence.documents.map((document) => sha256Hex(document.bytes)),
    },
    ...{ requestId: snapshot.id, address: null },
  });
  return bytes;
}

/** The pack as a form of reports. Unlike the others it depends on what is kept and known when it is written, once. */
export function packFormat(tools: PackTools): ReportFormat {
  return {
    id: "zip",
    async write({ snapshot }) {
      const [domain] = snapshot.scope.domains;
      if (!domain) throw new Error("A report is about no trust domain");
      try {
        return Buffer.from(await packReport(tools, domain.id, snapshot));
      } catch (error) {
        if (error instanceof PackError) throw new ReportFormatError("It is too large for an evidence pack.");
        throw error;
      }
    },
  };
}

async function contentsOf(conn: Conn, snapshot: ReportSnapshot): Promise<PackContents> {
  const { scope, policies } = snapshot;
  const domainIds = scope.domains.map(({ id }) => id);
  const digests = [...new Set(policies.map(({ digest }) => digest))].map((digest) =>
    Buffer.from(digest, "hex"),
  );
  const documents = await sampleOf(conn, domainIds, snapshot);
  const audit: AuditExcerpt[] = [];
  for (const id of domainIds) audit.push(...(await excerptOf(conn, id, snapshot)));
  return {
    snapshot,
    evidence: { extent: documents.length > 0 ? "sample" : "none", documents },
    audit,
    policies: (await policyTexts(conn, domainIds, digests)).map((text) => ({ text })),
    keys: await installationKeys({ db: conn }),
  };
}

const LETS_DOWN = ["missed", "stale", "open"];

async function sampleOf(
  conn: Conn,
  domainIds: readonly string[],
  snapshot: ReportSnapshot,
): Promise<EvidenceDocument[]> {
  const { rows, period, knownAt } = snapshot;
  const all = Object.values(rows).flat();
  const nodesOf = (chosen: typeof all) => chosen.flatMap(({ nodeId }) => nodeId ?? []);
  const [bad, good] = [true, false].map((wanted) =>
    nodesOf(all.filter(({ verdict }) => LETS_DOWN.includes(verdict) === wanted)),
  );
  const nodeIds = [...new Set([...(bad ?? []), ...(good ?? [])])].slice(0, SAMPLE_NODES);
  const found = await packEvidence(conn, domainIds, {
    ...{ nodeIds, to: new Date(period.to), knownAt: new Date(knownAt) },
    from: keepsToPeriod(snapshot) ? new Date(period.from) : null,
  });
  return found.map(({ nodeId, source, mediaType, observedAt, receivedAt, raw }) => ({
    ...{ nodeId, source, mediaType, bytes: new Uint8Array(raw) },
    ...{ observedAt: iso(observedAt), receivedAt: iso(receivedAt) },
  }));
}

/** Of one log: what it holds about the report and its notes, and that it only grew since the period ended. */
async function excerptOf(
  conn: Conn,
  trustDomainId: string,
  { id, controls, period }: ReportSnapshot,
): Promise<AuditExcerpt[]> {
  const last = await checkpointLatest(conn, trustDomainId);
  if (!last) return [];
  const notes = controls.flatMap((control) => control.notes.map((note) => note.id));
  const cited = await citedEntries(conn, trustDomainId, {
    ...{ entityIds: [...new Set([id, ...notes])], size: last.size, limit: CITED },
  });
  const proofs: AuditExcerpt["proofs"][number][] = [];
  for (const { index, entry } of cited) {
    const proof = await readProof(conn, trustDomainId, inclusionRanges(index, last.size));
    proofs.push({
      index,
      text: formatProofFile({ extra: auditLeafBytes(entry), index, proof, note: last.note }),
    });
  }
  const before = await checkpointBefore(conn, trustDomainId, new Date(period.to));
  return [
    {
      ...{ trustDomainId, checkpoint: last.note, proofs },
      vkeys: (await logKeys(conn, trustDomainId)).map(({ vkey }) => vkey),
      before:
        before && before.size > 0
          ? {
              checkpoint: before.note,
              proof: await readProof(conn, trustDomainId, consistencyRanges(before.size, last.size)),
            }
          : null,
    },
  ];
}
