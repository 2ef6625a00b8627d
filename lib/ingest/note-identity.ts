/** What a batch says about who its nodes are: provisionings, findings, and nodes that ask to join. */

import {
  enrolmentInsert,
  followingLinks,
  identityAlarmUpsert,
  identitySetFirstSeen,
  incarnationsReplace,
  provisioningIds,
} from "#db/queries/ingest-identity";
import type { NewNode } from "#db/queries/ingest-nodes";
import type { SqlClient } from "#db/transaction";
import { callerOf } from "#lib/domain/caller";
import type { IdentityFinding } from "#lib/domain/identity";
import { foldIncarnations, supersededMs } from "#lib/domain/incarnation";
import { uuidv7 } from "#lib/services/uuidv7";
import { announcingAlarms } from "./announce-alarms.ts";
import { sha256 } from "./digest.ts";
import type { BootstrapFact } from "./interpret.ts";
import type { LoadedSource } from "./load-source.ts";
import type { Sighting } from "./resolve-nodes.ts";

/**
 * Fold the provisionings of nodes anew after first sightings. The caller holds the nodes' locks.
 *
 * @returns without asking the database when there are none, which is so for nearly every batch
 */
export async function reviseIncarnations(
  client: SqlClient,
  trustDomainId: string,
  sightings: readonly Sighting[],
  now: Date,
): Promise<void> {
  if (sightings.length === 0) return;
  await identitySetFirstSeen(client, trustDomainId, earliest(sightings));
  const nodeIds = [...new Set(sightings.map(({ nodeId }) => nodeId))].sort();
  const rows = await provisioningIds(client, trustDomainId, nodeIds);
  const incarnations: Parameters<typeof incarnationsReplace>[3][number][] = [];
  const members: Parameters<typeof incarnationsReplace>[4][number][] = [];
  for (const [nodeId, own] of Map.groupBy(rows, (row) => row.nodeId)) {
    const ids = own.map(({ kind, value, firstSeenAt }) => ({
      kind,
      value,
      firstSeenMs: firstSeenAt.getTime(),
    }));
    for (const { openedMs, closedMs, why, members: some } of foldIncarnations(ids)) {
      const [opener] = some;
      if (!opener) continue;
      const opened = { nodeId, openedByKind: opener.kind, openedByValue: opener.value };
      incarnations.push({
        ...opened,
        id: uuidv7(now),
        openedAt: new Date(openedMs),
        closedAt: dateOrNull(closedMs),
        why,
      });
      for (const id of some) {
        const supersededAt = dateOrNull(supersededMs(id, ids));
        members.push({ ...opened, kind: id.kind, value: id.value, supersededAt });
      }
    }
  }
  await incarnationsReplace(client, trustDomainId, nodeIds, incarnations, members);
}

/** One row for each identity: an update takes one of several, and not always the earliest. */
function earliest(sightings: readonly Sighting[]) {
  const byIdentity = Map.groupBy(
    sightings,
    ({ nodeId, identity }) => `${nodeId} ${identity.kind} ${identity.value}`,
  );
  return [...byIdentity.values()].flatMap((some) => {
    const [first] = some;
    if (!first) return [];
    const { kind, value } = first.identity;
    const firstSeenAt = new Date(Math.min(...some.map(({ atMs }) => atMs)));
    return [{ nodeId: first.nodeId, kind, value, firstSeenAt }];
  });
}

const dateOrNull = (epochMs: number | null) => (epochMs === null ? null : new Date(epochMs));

/**
 * Record findings about two parties that claim to be one machine.
 *
 * The fingerprint leaves out the values that the other party claimed: whoever tries a thousand of them
 * raises one alarm with a count, and every refused event is kept by itself.
 *
 * @param sourceId who was told; `null` = found by comparing what is stored
 */
export async function recordFindings(
  client: SqlClient,
  trustDomainId: string,
  sourceId: string | null,
  findings: readonly IdentityFinding[],
  now: Date,
): Promise<void> {
  const alarms = new Map(
    findings.map((finding) => {
      const { kind, nodeId, otherNodeId, sentence } = finding;
      const fingerprint = sha256(
        Buffer.from(JSON.stringify([kind, nodeId, otherNodeId, sourceId, sentence])),
      );
      return [fingerprint, finding] as const;
    }),
  );
  const ordered = [...alarms].sort(([a], [b]) => (a < b ? -1 : 1));
  const writes = ordered.map(([fingerprint, finding]) => ({
    ...finding,
    id: uuidv7(now),
    fingerprint: Buffer.from(fingerprint, "hex"),
    sourceId,
  }));
  await announcingAlarms(client, trustDomainId, writes, now, () =>
    identityAlarmUpsert(client, trustDomainId, writes, now),
  );
}

/** Put new nodes before a person when their source is set so. */
export async function askEnrolment(
  client: SqlClient,
  source: LoadedSource,
  made: readonly NewNode[],
  now: Date,
): Promise<void> {
  if (source.enrolment === "accept") return;
  await enrolmentInsert(
    client,
    source.trustDomainId,
    source.id,
    made.map(({ id }) => ({ nodeId: id, requestedAt: now })),
  );
}

export type Followed = { nodeId: string; linkId: string };

/**
 * Nodes that a person said later events of a group belong to.
 *
 * @param unattributed events that name nobody; none = the database is not asked
 */
export async function followLinks(
  client: SqlClient,
  source: LoadedSource,
  unattributed: readonly BootstrapFact[],
): Promise<(fact: BootstrapFact) => Followed | null> {
  if (unattributed.length === 0) return () => null;
  const links = await followingLinks(client, source.trustDomainId, source.id);
  return ({ event }) => {
    const caller = callerOf(event.actor.address);
    const link = links.find((known) => known.caller === caller && known.method === event.method);
    return link ? { nodeId: link.nodeId, linkId: link.id } : null;
  };
}
