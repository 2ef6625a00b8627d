/** Bringing the findings on record in line with those that the evidence amounts to. */
import { notifyChange } from "#db/queries/ingest-log";
import { sourceNames } from "#db/queries/ingest-source";
import { findingsSince, findingsWrite, type SourceKey } from "#db/queries/source-finding";
import type { SqlClient } from "#db/transaction";
import { type FindingKind, reviseFindings, type SourceFinding } from "#lib/domain/source-finding";
import { announceAll } from "#lib/services/notification/announce";
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
  await tellSilence(client, source, { before: isSilent(stored), after: isSilent(computed), now });
  await notifyChange(client, source.trustDomainId, ["fleet", "sources"], []);
  return true;
}

const isSilent = (findings: readonly SourceFinding[]) =>
  findings.some(({ kind, untilMs }) => kind === "silent" && untilMs === null);

/** Silences of the past are no news: only that one lasts, or ended just now. */
async function tellSilence(
  client: SqlClient,
  { trustDomainId, sourceId: subject }: SourceKey,
  { before, after, now }: { before: boolean; after: boolean; now: Date },
): Promise<void> {
  if (before === after) return;
  const name = (await sourceNames(client, trustDomainId)).get(subject) ?? subject;
  const event = { trustDomainId, subject, labels: { source: name }, link: `/sources/${subject}`, at: now };
  await announceAll(client, [
    after
      ? { ...event, kind: "source.silent", title: `The source ${name} is silent` }
      : { ...event, kind: "source.heard", title: `The source ${name} is not silent any more` },
  ]);
}
