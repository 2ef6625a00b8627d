/** Bringing the findings on record in line with those that the evidence amounts to. */
import { notifyChange } from "#db/queries/ingest-log";
import { findingsSince, findingsWrite, type SourceKey } from "#db/queries/source-finding";
import type { SqlClient } from "#db/transaction";
import { type FindingKind, reviseFindings, type SourceFinding } from "#lib/domain/source-finding";
import { uuidv7 } from "#lib/services/uuidv7";

/**
 * Record findings of some kinds.
 *
 * @param since only findings that end later (or not at all) were computed anew; `null` = all
 * @returns whether anything changed
 */
export async function recordFindings(
  client: SqlClient,
  source: SourceKey,
  {
    kinds,
    computed,
    since,
    now,
  }: {
    kinds: readonly FindingKind[];
    computed: readonly SourceFinding[];
    since: Date | null;
    now: Date;
  },
): Promise<boolean> {
  const stored = await findingsSince(client, source, kinds, since);
  const { supersede, add } = reviseFindings(stored, computed);
  if (supersede.length === 0 && add.length === 0) return false;
  await findingsWrite(client, source, { supersede, add, recordedAt: now, newId: () => uuidv7(now) });
  await notifyChange(client, source.trustDomainId, ["fleet", "sources"], []);
  return true;
}
