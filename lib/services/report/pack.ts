/** Puts an evidence pack together: what a report rests on, gathered and signed. */
import type { Conn, Db } from "#db/client";
import { auditInsert, auditLeafBytes } from "#db/queries/audit";
import { checkpointLatest, logKeys } from "#db/queries/audit-log";
import {
  checkpointBefore,
  citedEntries,
  type PackedVerdict,
  packEvidence,
  packEvidenceAll,
  packEvidenceSize,
  policyTexts,
} from "#db/queries/report-pack";
import type { Sealer } from "#db/sealing";
import { signEnvelope } from "#db/signing";
import { formatProofFile } from "#lib/domain/merkle/proof-file";
import { consistencyRanges, inclusionRanges } from "#lib/domain/merkle/tree";
import type { EvidenceWanted } from "#lib/domain/report/report";
import { keepsToPeriod, type ReportSnapshot } from "#lib/domain/report/snapshot";
import { type FormatInput, type ReportFormat, ReportFormatError } from "#lib/report/contract";
import { buildPack, type PackContents } from "#lib/report-pack/build";
import { type AuditExcerpt, type EvidenceDocument, sha256Hex } from "#lib/report-pack/contents";
import { PackError } from "#lib/report-pack/zip";
import { installationKeys } from "#lib/services/baseline/installation-keys";
import { signingKey } from "#lib/services/baseline/sign";
import { iso } from "#lib/services/instant";
import { uuidv7 } from "#lib/services/uuidv7";
import { readProof } from "#lib/transparency/prove";

/** Most raw documents of one pack, and their bytes: what one process can hold while it packs them. */
const DOCUMENTS_MAX = 15_000;
const DOCUMENT_BYTES_MAX = 256 * 1_024 * 1_024;
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
 * @throws {ReportFormatError} when there are more documents than a pack can hold
 */
export async function packReport(
  { db, sealer, now }: PackTools,
  trustDomainId: string,
  { snapshot, evidence }: Pick<FormatInput, "snapshot" | "evidence">,
): Promise<Uint8Array> {
  const key = await db.transaction((tx) => signingKey(tx, trustDomainId, sealer, now()));
  const contents = await db.transaction((tx) => contentsOf(tx, snapshot, evidence), {
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
      ...enclosed(contents),
    },
    ...{ requestId: snapshot.id, address: null },
  });
  return bytes;
}

/** A sample by its digests; all documents by their count: the list of them lies in the pack, under its digest. */
function enclosed({ evidence: { extent, documents } }: PackContents) {
  if (extent === "all") return { extent, documents: documents.length };
  return { extent, evidence: documents.map(({ bytes }) => sha256Hex(bytes)) };
}

/** The pack as a form of reports. Unlike the others it depends on what is kept and known when it is written, once. */
export function packFormat(tools: PackTools): ReportFormat {
  return {
    id: "zip",
    async write(input) {
      const [domain] = input.snapshot.scope.domains;
      if (!domain) throw new Error("A report is about no trust domain");
      try {
        return Buffer.from(await packReport(tools, domain.id, input));
      } catch (error) {
        if (error instanceof PackError) throw new ReportFormatError("It is too large for an evidence pack.");
        throw error;
      }
    },
  };
}

async function contentsOf(
  conn: Conn,
  snapshot: ReportSnapshot,
  wanted: EvidenceWanted,
): Promise<PackContents> {
  const { scope, policies } = snapshot;
  const domainIds = scope.domains.map(({ id }) => id);
  const digests = [...new Set(policies.map(({ digest }) => digest))].map((digest) =>
    Buffer.from(digest, "hex"),
  );
  const documents = await documentsOf(conn, domainIds, snapshot, wanted);
  const audit: AuditExcerpt[] = [];
  for (const id of domainIds) audit.push(...(await excerptOf(conn, id, snapshot)));
  return {
    snapshot,
    evidence: { extent: documents.length > 0 ? wanted : "none", documents },
    audit,
    policies: (await policyTexts(conn, domainIds, digests)).map((text) => ({ text })),
    keys: await installationKeys({ db: conn }),
  };
}

async function documentsOf(
  conn: Conn,
  domainIds: readonly string[],
  snapshot: ReportSnapshot,
  wanted: EvidenceWanted,
): Promise<EvidenceDocument[]> {
  const found = await (wanted === "all" ? allOf : sampleOf)(conn, domainIds, snapshot);
  return found.map(({ nodeId, source, mediaType, observedAt, receivedAt, raw }) => ({
    ...{ nodeId, source, mediaType, bytes: new Uint8Array(raw) },
    ...{ observedAt: iso(observedAt), receivedAt: iso(receivedAt) },
  }));
}

/** Every document about the report's nodes that was observed in its period. */
async function allOf(
  conn: Conn,
  domainIds: readonly string[],
  { rows, period, knownAt }: ReportSnapshot,
): Promise<PackedVerdict[]> {
  const nodes = new Set(Object.values(rows).flatMap((some) => some.flatMap(({ nodeId }) => nodeId ?? [])));
  const which = {
    ...{ nodeIds: [...nodes], knownAt: new Date(knownAt) },
    ...{ from: new Date(period.from), to: new Date(period.to) },
  };
  const { documents, bytes } = await packEvidenceSize(conn, domainIds, which);
  if (documents > DOCUMENTS_MAX || bytes > DOCUMENT_BYTES_MAX) {
    throw new ReportFormatError(
      "There are more raw documents than an evidence pack can hold. Choose a shorter period, fewer nodes by their labels, or a sample.",
    );
  }
  return packEvidenceAll(conn, domainIds, which);
}

const LETS_DOWN = ["missed", "stale", "open"];

async function sampleOf(
  conn: Conn,
  domainIds: readonly string[],
  snapshot: ReportSnapshot,
): Promise<PackedVerdict[]> {
  const { rows, period, knownAt } = snapshot;
  const all = Object.values(rows).flat();
  const nodesOf = (chosen: typeof all) => chosen.flatMap(({ nodeId }) => nodeId ?? []);
  const [bad, good] = [true, false].map((wanted) =>
    nodesOf(all.filter(({ verdict }) => LETS_DOWN.includes(verdict) === wanted)),
  );
  const nodeIds = [...new Set([...(bad ?? []), ...(good ?? [])])].slice(0, SAMPLE_NODES);
  return packEvidence(conn, domainIds, {
    ...{ nodeIds, to: new Date(period.to), knownAt: new Date(knownAt) },
    from: keepsToPeriod(snapshot) ? new Date(period.from) : null,
  });
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
