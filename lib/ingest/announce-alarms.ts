/** Telling of identity alarms that were not open a moment ago. */
import { alarmsByFingerprint, nodesCalled } from "#db/queries/announce-names";
import type { AlarmWrite } from "#db/queries/ingest-identity";
import type { SqlClient } from "#db/transaction";
import { announceAll } from "#lib/services/notification/announce";

/** @param record writes the alarms, whichever of them are news */
export async function announcingAlarms(
  client: SqlClient,
  trustDomainId: string,
  alarms: readonly AlarmWrite[],
  at: Date,
  record: () => Promise<void>,
): Promise<void> {
  if (alarms.length === 0) return;
  const prints = alarms.map(({ fingerprint }) => fingerprint);
  const known = await alarmsByFingerprint(client, trustDomainId, prints);
  const open = new Set(known.flatMap(({ open: isOpen, fingerprint }) => (isOpen ? fingerprint : [])));
  await record();
  const news = alarms.filter(({ fingerprint }) => !open.has(fingerprint.toString("hex")));
  if (news.length === 0) return;
  const stored = await alarmsByFingerprint(client, trustDomainId, prints);
  const ids = new Map(stored.map(({ fingerprint, id }) => [fingerprint, id]));
  const called = await nodesCalled(
    client,
    trustDomainId,
    news.map(({ nodeId }) => nodeId),
  );
  await announceAll(
    client,
    news.map(({ fingerprint, id, kind, nodeId, sentence }) => {
      const { name, labels } = called.get(nodeId) ?? { name: nodeId, labels: {} };
      return {
        kind: "identity.alarm",
        trustDomainId,
        // A settled one that is open again keeps its id.
        subject: ids.get(fingerprint.toString("hex")) ?? id,
        labels: { ...labels, node: name, alarm: kind },
        title: `Identity alarm about ${name}`,
        summary: sentence,
        link: `/nodes/${nodeId}`,
        at,
      };
    }),
  );
}
