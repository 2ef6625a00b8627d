/** Incidents follow what many nodes show together. Nobody's decision is taken: people resolve incidents. */
import {
  domainsWithNodes,
  driftHours,
  failureHours,
  type GroupInstants,
  laneLooks,
  movingGroups,
  nodesOfHour,
  openIncidentsOf,
  worseningSources,
} from "#db/queries/correlate";
import {
  correlationLock,
  incidentGrow,
  incidentInsert,
  incidentNote,
  lastResolvedMs,
  openIncident,
} from "#db/queries/incident-write";
import { notifyChange } from "#db/queries/ingest-log";
import { inTransaction, type SqlClient } from "#db/transaction";
import {
  COORDINATED,
  causeOf,
  clusterWaves,
  coordinatedWave,
  isStorm,
  isVerifierShift,
  outliersOf,
  SHIFT,
  type Signal,
  suspectClones,
  tripsBreaker,
} from "#lib/domain/correlation";
import { announceAll } from "#lib/services/notification/announce";
import { breakerOn } from "#lib/services/remediation/announce-pause";
import { uuidv7 } from "#lib/services/uuidv7";
import type { Job } from "./job.ts";

const HOUR_MS = 3_600_000;
/** Changes that did not spread for so long begin no incident any more. */
const LOOK_BACK_MS = 24 * HOUR_MS;
/** Hours that a storm is measured against. */
const PAST_HOURS = 7 * 24;
/** Changes that are looked at together: more of them are one incident anyhow. */
const GROUPS = 500;
/** A node that stands apart for less is only being upgraded before the others. */
const APART_MS = HOUR_MS;

type Found = Signal & { groupIds: readonly string[] };
type Domain = { trustDomainId: string; nodes: number; sinceMs: number };

export const correlate: Job = {
  name: "correlate",
  everyMs: 30_000,
  async run({ db, now }, signal) {
    for (const domain of await domainsWithNodes(db.$client)) {
      if (signal.aborted) return "idle";
      const at = now();
      await inTransaction(db.$client, async (client) => {
        await correlationLock(client, domain.trustDomainId);
        const found = [
          ...(await coordinatedChanges(client, domain, at)),
          ...(await verifierShifts(client, domain, at)),
          ...(await storms(client, domain, at)),
          ...(await oddNodes(client, domain, at)),
        ];
        let isNews = false;
        for (const one of found) {
          const moved = await follow(client, domain.trustDomainId, one, at);
          isNews ||= moved;
        }
        if (isNews) await notifyChange(client, domain.trustDomainId, ["fleet"], []);
      });
    }
    return "idle";
  },
};

async function coordinatedChanges(
  client: SqlClient,
  { trustDomainId, nodes }: Domain,
  now: Date,
): Promise<Found[]> {
  const since = new Date(now.getTime() - LOOK_BACK_MS);
  const moving = await movingGroups(client, trustDomainId, {
    since,
    minNodes: COORDINATED.nodes,
    limit: GROUPS,
  });
  const waves = moving.flatMap((group) => {
    const wave = coordinatedWave(group.instants);
    return wave ? [{ ...wave, group }] : [];
  });
  const known = await openIncidentsOf(
    client,
    trustDomainId,
    waves.map(({ group }) => group.groupId),
  );
  return clusterWaves(waves).flatMap((cluster): Found[] => {
    const [largest] = cluster;
    if (!largest) return [];
    const groups = cluster.map(({ group }) => group);
    const subject = groups.map(({ groupId }) => known.get(groupId)).find((one) => one !== undefined);
    const nodeIds = nodesOf(groups);
    const breaker = tripsBreaker(nodeIds.length, nodes);
    const more = groups.length > 1 ? ` and ${groups.length - 1} more` : "";
    return [
      {
        kind: "coordinated_change",
        subject: subject ?? largest.group.groupId,
        title: `${nodeIds.length} nodes changed ${largest.group.path}${more}`,
        cause: causeOf("coordinated_change", breaker),
        nodeIds,
        breaker,
        lastMs: Math.max(...groups.flatMap(({ instants }) => instants.map(({ atMs }) => atMs))),
        groupIds: groups.map(({ groupId }) => groupId),
      },
    ];
  });
}

const nodesOf = (groups: readonly GroupInstants[]) => [
  ...new Set(groups.flatMap(({ instants }) => instants.map(({ nodeId }) => nodeId))),
];

async function verifierShifts(client: SqlClient, { trustDomainId }: Domain, now: Date): Promise<Found[]> {
  const since = new Date(now.getTime() - SHIFT.windowMs);
  const sources = await worseningSources(client, trustDomainId, since);
  return sources
    .filter(({ moved, nodes }) => isVerifierShift({ moved: moved.length, nodes }))
    .map(({ sourceId, name, moved, nodes, lastMs }) => ({
      kind: "verifier_shift",
      subject: sourceId,
      title: `${moved.length} of ${nodes} nodes of ${name} failed within half an hour`,
      cause: causeOf("verifier_shift", true),
      nodeIds: moved,
      breaker: true,
      lastMs,
      groupIds: [],
    }));
}

async function storms(
  client: SqlClient,
  { trustDomainId, nodes, sinceMs }: Domain,
  now: Date,
): Promise<Found[]> {
  const hours = Math.min(PAST_HOURS, Math.floor((now.getTime() - sinceMs) / HOUR_MS));
  const found: Found[] = [];
  for (const [kind, read, what] of [
    ["drift_storm", driftHours, "began to drift"],
    ["failure_storm", failureHours, "failed"],
  ] as const) {
    const counted = new Map(
      (await read(client, trustDomainId, { now, hours: hours + 1 })).map((row) => [row.hoursAgo, row.nodes]),
    );
    const past = Array.from({ length: hours }, (_, index) => counted.get(index + 1) ?? 0);
    if (!isStorm(past, counted.get(0) ?? 0)) continue;
    const instants = await nodesOfHour(client, trustDomainId, { kind, now });
    const breaker = tripsBreaker(instants.length, nodes);
    found.push({
      kind,
      subject: "",
      title: `${instants.length} nodes ${what} within an hour`,
      cause: causeOf(kind, breaker),
      nodeIds: instants.map(({ nodeId }) => nodeId),
      breaker,
      lastMs: Math.max(...instants.map(({ atMs }) => atMs)),
      groupIds: [],
    });
  }
  return found;
}

/** Nodes that stand apart from their cohort, and nodes that are too much alike. */
async function oddNodes(client: SqlClient, { trustDomainId }: Domain, now: Date): Promise<Found[]> {
  const looks = await laneLooks(client, trustDomainId);
  return [...Map.groupBy(looks, ({ cohort }) => cohort)].flatMap(([subject, cohort]) => {
    const [first] = cohort;
    if (!first) return [];
    const where = `${first.sourceName}${first.role === "" ? "" : `, role ${first.role}`}`;
    const settled = new Map(
      cohort
        .filter(({ sinceMs, drifts }) => !drifts && now.getTime() - sinceMs >= APART_MS)
        .map((node) => [node.nodeId, node]),
    );
    // What drifts from a baseline is in the inbox already.
    const apart = outliersOf(cohort).filter((nodeId) => settled.has(nodeId));
    const odd = (kind: "outlier" | "clone", nodeIds: readonly string[], title: string): Found => ({
      kind,
      subject: kind === "outlier" ? subject : `${subject} ${nodeIds.join(" ")}`,
      title,
      cause: causeOf(kind, false),
      nodeIds,
      breaker: false,
      lastMs: Math.max(
        ...cohort.filter(({ nodeId }) => nodeIds.includes(nodeId)).map(({ sinceMs }) => sinceMs),
      ),
      groupIds: [],
    });
    const clones = suspectClones(cohort).map((nodeIds) =>
      odd("clone", nodeIds, `${nodeIds.length} nodes of ${where} measure exactly the same`),
    );
    const [some] = apart;
    if (some === undefined) return clones;
    const title = `${apart.length} of ${cohort.length} nodes of ${where} differ from the rest`;
    return [...clones, odd("outlier", apart, title)];
  });
}

/** @returns whether people should look again */
async function follow(client: SqlClient, trustDomainId: string, found: Found, now: Date): Promise<boolean> {
  const open = await openIncident(client, trustDomainId, found);
  const note = (incidentId: string, kind: string, text: string) =>
    incidentNote(client, trustDomainId, { id: uuidv7(now), incidentId, at: now, kind, text });
  const holdBack = async (id: string) => {
    await note(id, "breaker", BREAKER_ON);
    await announceAll(client, [breakerOn({ trustDomainId, id, title: found.title }, now)]);
  };
  if (!open) {
    const resolvedMs = await lastResolvedMs(client, trustDomainId, found);
    // Somebody judged all of this already.
    if (resolvedMs !== null && found.lastMs <= resolvedMs) return false;
    const id = uuidv7(now);
    await incidentInsert(client, trustDomainId, id, found, now);
    await incidentGrow(client, trustDomainId, id, found, now);
    await note(id, "opened", found.title);
    const link = `/incidents/${id}`;
    const { kind, title, cause: summary } = found;
    const labels = { incident: kind, breaker: String(found.breaker) };
    const event = { trustDomainId, subject: id, labels, title, summary, link, at: now };
    await announceAll(client, [{ kind: "incident.opened", ...event }]);
    if (found.breaker) await holdBack(id);
    return true;
  }
  const nodes = await incidentGrow(client, trustDomainId, open.id, found, now);
  // A line each time it doubles, not one for each node.
  const grew = Math.floor(Math.log2(Math.max(1, nodes))) > Math.floor(Math.log2(Math.max(1, open.nodes)));
  if (grew) await note(open.id, "spread", `${open.nodes} → ${nodes} nodes: ${found.title}`);
  const tripped = found.breaker && !open.breaker;
  if (tripped) await holdBack(open.id);
  return grew || tripped;
}

const BREAKER_ON = "The breaker is on: nothing may act on nodes by itself until this incident is resolved.";
