/** A finding on record as the API shows it. */
import type { FindingRow } from "#db/queries/source-finding";
import type { FindingView } from "#lib/contracts/source";
import { FINDING_KINDS, findingSentence } from "#lib/domain/source-finding";
import { iso, isoOrNull } from "#lib/services/instant";

export function findingView(row: FindingRow, sourceName: string): FindingView {
  const weakened = row.kind === "weakened";
  const list = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
  return {
    id: row.id,
    sourceId: row.sourceId,
    kind: row.kind,
    subject: row.subject,
    since: iso(row.since),
    until: isoOrNull(row.until),
    sentence: findingSentence({
      kind: row.kind,
      subject: row.subject,
      detail: row.detail,
      untilMs: row.until,
    }),
    before: weakened ? list(row.detail.before) : null,
    after: weakened ? list(row.detail.after) : null,
    nodes: row.nodes,
    nodesQuery: nodesQuery(row, sourceName),
    firstEvidenceAt: isoOrNull(row.firstEvidenceAt),
    lastEvidenceAt: isoOrNull(row.lastEvidenceAt),
    recordedAt: iso(row.recordedAt),
  };
}

function nodesQuery({ kind, nodes }: FindingRow, sourceName: string): string | null {
  if (nodes === 0) return null;
  const source = `source:"${sourceName.replaceAll('"', "")}"`;
  return kind === "weakened" ? `coverage:reduced ${source}` : source;
}

/** Most urgent first: open before closed, then by kind, then the newest. */
export function byUrgency(a: FindingView, b: FindingView): number {
  return (
    Number(a.until !== null) - Number(b.until !== null) ||
    FINDING_KINDS.indexOf(a.kind) - FINDING_KINDS.indexOf(b.kind) ||
    Date.parse(b.since) - Date.parse(a.since)
  );
}
