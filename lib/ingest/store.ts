/** Writing one batch: every fact, counter and derived change in one transaction, or nothing. */

import { type LaneKey, laneHeads } from "#db/queries/ingest-history";
import { bootstrapInsert, notifyChange, rejectedUpsert, rollupAdd } from "#db/queries/ingest-log";
import { type LockedNode, nodeLock, nodeSetFirstSeen } from "#db/queries/ingest-nodes";
import { sourceNames, sourceSetBackfill } from "#db/queries/ingest-source";
import { ensureVerdictPartitions, measurementSetInsert, verdictInsert } from "#db/queries/ingest-verdicts";
import { BY_INDEX, inTransaction, type SqlClient, type SqlPool } from "#db/transaction";
import type { Tier } from "#lib/domain/ar4si";
import type { FoldVerdict } from "#lib/domain/history";
import { laneLabel } from "#lib/domain/silence";
import { uuidv7 } from "#lib/services/uuidv7";
import { sha256 } from "./digest.ts";
import type { BootstrapFact, Facts, Refusal, VerdictFact } from "./interpret.ts";
import { MAX_REJECTED_BYTES } from "./limits.ts";
import type { LoadedSource } from "./load-source.ts";
import {
  type Claimant,
  loadDirectory,
  NodeRaceError,
  type Resolution,
  resolveNodes,
} from "./resolve-nodes.ts";
import { type LaneNews, markLives, type ReviseScope, reviseLanes, reviseNodes } from "./revise-lanes.ts";
import { siftVerdicts, verdictClaimant } from "./sift.ts";

/** What became of a batch. Refusals found while storing (replay, conflict) join the earlier ones. */
export type Stored = { accepted: number; duplicate: number; refusals: Refusal[] };

export type Batch = { pool: SqlPool; source: LoadedSource; receivedAt: Date; backfill: boolean };

/** How long an import keeps the judging of silence at bay after its last batch. */
const BACKFILL_GRACE_MS = 60_000;
/** How long the life of a node waits for the rest of its history while that is being imported. */
const FOLD_GRACE_MS = 5_000;
const ATTEMPTS = 6;
/** Lost a race that a new attempt wins: unique violation, serialisation failure, deadlock. */
const RETRYABLE = new Set(["23505", "40001", "40P01"]);

/** Months whose partition is known to exist; partitions are never removed while a process runs. */
const knownMonths = new WeakMap<SqlPool, Set<string>>();

/**
 * Store a batch durably. Returns only after the commit.
 *
 * @throws when the database is unavailable; nothing was stored then
 */
export async function storeFacts(batch: Batch, facts: Facts): Promise<Stored> {
  await ensurePartitions(batch.pool, facts.verdicts);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inTransaction(batch.pool, (client) => storeOnce(client, batch, facts), BY_INDEX);
    } catch (error) {
      const code = (error as { code?: string }).code ?? "";
      if (attempt >= ATTEMPTS || !(error instanceof NodeRaceError || RETRYABLE.has(code))) throw error;
    }
  }
}

async function ensurePartitions(pool: SqlPool, verdicts: readonly VerdictFact[]): Promise<void> {
  const known = knownMonths.get(pool) ?? new Set<string>();
  knownMonths.set(pool, known);
  const months = new Set(
    verdicts.map(({ verdict }) => new Date(verdict.observedAtMs).toISOString().slice(0, 7)),
  );
  const missing = [...months].filter((month) => !known.has(month));
  await ensureVerdictPartitions(pool, missing);
  for (const month of missing) known.add(month);
}

type Placed<Fact, NodeId = string> = { fact: Fact; nodeId: NodeId };

async function storeOnce(client: SqlClient, batch: Batch, facts: Facts): Promise<Stored> {
  const { source, receivedAt } = batch;
  const { trustDomainId } = source;
  const log = { trustDomainId, sourceId: source.id, receivedAt, backfill: batch.backfill };

  const claimants = [...facts.verdicts.map(verdictClaimant), ...facts.bootstrap.map(bootstrapClaimant)];
  const directory = await loadDirectory(client, trustDomainId, claimants);
  const { fresh, replays } = await siftVerdicts(client, source, directory, facts.verdicts, receivedAt);
  const claims = [...fresh.map(verdictClaimant), ...facts.bootstrap.map(bootstrapClaimant)];
  const resolutions = await resolveNodes(client, trustDomainId, directory, claims, receivedAt);
  const verdicts = place(fresh, resolutions);
  const bootstrap = place(facts.bootstrap, resolutions.slice(fresh.length));
  const attributed = verdicts.placed.flatMap(({ fact, nodeId }) => (nodeId ? [{ fact, nodeId }] : []));
  const nameless = verdicts.placed
    .filter(({ nodeId }) => nodeId === null)
    .map(({ fact }) => namelessRefusal(fact));
  const refusals = [
    ...facts.refusals,
    ...replays,
    ...nameless,
    ...verdicts.conflicts,
    ...bootstrap.conflicts,
  ];

  const nodeIds = [...new Set([...attributed, ...bootstrap.placed].flatMap(({ nodeId }) => nodeId ?? []))];
  const nodes = await nodeLock(client, trustDomainId, nodeIds);
  const newEvents = await bootstrapInsert(
    client,
    log,
    bootstrap.placed.map(({ fact, nodeId }) => ({ ...fact, nodeId, id: uuidv7(receivedAt) })),
  );
  const newVerdicts = await verdictInsert(
    client,
    log,
    attributed.map(({ fact, nodeId }) => ({ ...fact, nodeId })),
  );
  const inserted = attributed.filter(({ fact, nodeId }) => newVerdicts.has(`${nodeId} ${fact.eventHash}`));
  await storeMeasurements(client, trustDomainId, inserted, receivedAt);

  const nowMs = receivedAt.getTime();
  const foldAtMs = nowMs + (batch.backfill ? FOLD_GRACE_MS : 0);
  const scope: ReviseScope = { client, trustDomainId, nowMs, foldAtMs, nodes };
  const changed = await reviseLanes(
    scope,
    await laneNews(client, source, inserted),
    source.staleAfterMs,
    false,
  );
  const sighted = [
    ...inserted.map(sightingOfVerdict),
    ...bootstrap.placed.flatMap(sightingOfEvent(newEvents)),
  ];
  const marks = [...lifecycleMarks(scope, sighted), ...(await moveFirstSeen(scope, sighted, changed))];
  await markLives(scope, marks);
  const names = await sourceNames(client, trustDomainId);
  const moved = await reviseNodes(scope, changed, laneNamer(names));

  const accepted = inserted.length + newEvents.size;
  const late = refusals.length - facts.refusals.length;
  const duplicate = facts.verdicts.length + facts.bootstrap.length - accepted - late;
  await rejectedUpsert(
    client,
    log,
    refusals.map((refusal) => rejectedWrite(refusal, receivedAt)),
  );
  await rollupAdd(client, log, {
    accepted,
    duplicate,
    rejected: refusals.length,
    tiers: countTiers(inserted),
  });
  if (batch.backfill) await keepSilenceUnjudged(client, batch);
  await notifyChange(
    client,
    trustDomainId,
    ["sources", ...(changed.size > 0 ? ["fleet", "nodes"] : []), ...(newEvents.size > 0 ? ["events"] : [])],
    moved,
  );
  return { accepted, duplicate, refusals };
}

/** Names lanes by their source for reasons. */
export const laneNamer = (names: ReadonlyMap<string, string>) => (lane: LaneKey) =>
  laneLabel(names.get(lane.sourceId) ?? lane.sourceId, lane.submod);

const bootstrapClaimant = ({ event }: BootstrapFact): Claimant => ({
  identities: event.identities,
  displayName: event.displayName,
  seenAtMs: event.occurredAtMs,
});

function place<Fact extends VerdictFact | BootstrapFact>(
  facts: readonly Fact[],
  resolutions: readonly Resolution[],
): { placed: Placed<Fact, string | null>[]; conflicts: Refusal[] } {
  const placed: Placed<Fact, string | null>[] = [];
  const conflicts: Refusal[] = [];
  facts.forEach((fact, index) => {
    const resolution = resolutions[index] ?? { nodeId: null };
    if ("nodeId" in resolution) placed.push({ fact, nodeId: resolution.nodeId });
    else
      conflicts.push(
        refusalOf(
          fact,
          "event/identity-conflict",
          "Its identities belong to different nodes; nodes are never merged by an event.",
        ),
      );
  });
  return { placed, conflicts };
}

const namelessRefusal = (fact: VerdictFact) =>
  refusalOf(fact, "event/unknown-node", "It names no node by an identity that can prove one.");

function refusalOf(
  fact: VerdictFact | BootstrapFact,
  code: "event/identity-conflict" | "event/unknown-node",
  detail: string,
): Refusal {
  return {
    category: "claims",
    code,
    detail,
    raw: fact.raw,
    index: fact.index,
    id: null,
    subject: fact.kind === "verdict" ? fact.verdict.displayName : fact.event.displayName,
    mediaType: fact.rawMediaType,
  };
}

async function storeMeasurements(
  client: SqlClient,
  trustDomainId: string,
  inserted: readonly Placed<VerdictFact>[],
  now: Date,
): Promise<void> {
  const sets = new Map(
    inserted.flatMap(({ fact }) =>
      fact.measurementDigest ? [[fact.measurementDigest, fact.verdict.measurements] as const] : [],
    ),
  );
  // In one order in every transaction, so that two batches with the same new sets cannot deadlock.
  const ordered = [...sets]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([digest, items]) => ({ digest, items }));
  await measurementSetInsert(client, trustDomainId, ordered, now);
}

const laneId = ({ nodeId, submod }: Pick<LaneKey, "nodeId" | "submod">) => `${nodeId} ${submod}`;

async function laneNews(
  client: SqlClient,
  source: LoadedSource,
  inserted: readonly Placed<VerdictFact>[],
): Promise<LaneNews[]> {
  const nodeIds = [...new Set(inserted.map(({ nodeId }) => nodeId))];
  const heads = new Map(
    (await laneHeads(client, source.trustDomainId, source.id, nodeIds)).map((head) => [laneId(head), head]),
  );
  const news = new Map<string, LaneKey & { verdicts: FoldVerdict[] }>();
  for (const { fact, nodeId } of inserted) {
    const key = { nodeId, sourceId: source.id, submod: fact.verdict.submod };
    const lane = news.get(laneId(key)) ?? { ...key, verdicts: [] };
    lane.verdicts.push(foldVerdict(fact));
    news.set(laneId(key), lane);
  }
  return [...news].map(([id, lane]) => ({ ...lane, head: heads.get(id) ?? null }));
}

function foldVerdict({
  verdict,
  eventHash,
  state,
  evidenceKey,
  reason,
  measurementDigest,
  kid,
}: VerdictFact): FoldVerdict {
  const { outcome, tier, vector } = verdict;
  return {
    atMs: verdict.observedAtMs,
    hash: eventHash,
    state,
    evidenceKey,
    reason,
    statement: { outcome, tier, vector, measurementDigest, kid },
  };
}

type Sighting = { nodeId: string; atMs: number; isNewEvent: boolean };

/**
 * News that a node's life may rest on: events always; verdicts while it waits for them, and those that
 * come too late for where it stands. Changes of the node's own line are marked where they are made.
 */
function lifecycleMarks({ nodes }: ReviseScope, sightings: readonly Sighting[]): Sighting[] {
  return sightings.filter(({ nodeId, atMs, isNewEvent }) => {
    const node = nodes.get(nodeId);
    return isNewEvent || node?.waitsForVerdicts || atMs <= (node?.lifecycleAtMs ?? Number.NEGATIVE_INFINITY);
  });
}

const sightingOfVerdict = ({ fact, nodeId }: Placed<VerdictFact>): Sighting => ({
  nodeId,
  atMs: fact.verdict.observedAtMs,
  isNewEvent: false,
});

const sightingOfEvent =
  (newEvents: ReadonlySet<string>) =>
  ({ fact, nodeId }: Placed<BootstrapFact, string | null>): Sighting[] =>
    nodeId && newEvents.has(fact.event.externalId)
      ? [{ nodeId, atMs: fact.event.occurredAtMs, isNewEvent: true }]
      : [];

/**
 * Move first sightings, and add the nodes whose own line must be looked at to `changed`: they were seen
 * earlier than known, or first now.
 *
 * @returns nodes that were seen earlier than known, with that instant
 */
async function moveFirstSeen(
  scope: ReviseScope,
  sightings: readonly Sighting[],
  changed: Set<string>,
): Promise<{ nodeId: string; atMs: number }[]> {
  const earliest = new Map<string, number>();
  for (const { nodeId, atMs } of sightings) {
    earliest.set(nodeId, Math.min(atMs, earliest.get(nodeId) ?? Number.POSITIVE_INFINITY));
  }
  const earlier = [...earliest].filter(
    ([nodeId, atMs]) => atMs < (scope.nodes.get(nodeId)?.firstSeenMs ?? 0),
  );
  for (const [nodeId, atMs] of earlier) {
    const node = scope.nodes.get(nodeId) as LockedNode;
    node.firstSeenMs = atMs;
  }
  await nodeSetFirstSeen(
    scope.client,
    scope.trustDomainId,
    earlier.map(([nodeId, atMs]) => ({ nodeId, firstSeenAt: new Date(atMs) })),
  );
  const untouched = [...earliest.keys()].filter((nodeId) => scope.nodes.get(nodeId)?.changedMs === 0);
  for (const nodeId of [...earlier.map(([id]) => id), ...untouched]) changed.add(nodeId);
  return earlier.map(([nodeId, atMs]) => ({ nodeId, atMs }));
}

function rejectedWrite({ raw, category, code, detail, subject, mediaType }: Refusal, receivedAt: Date) {
  return {
    id: uuidv7(receivedAt),
    rawSha256: sha256(raw),
    code,
    category,
    detail,
    subject,
    rawMediaType: mediaType,
    raw: raw.subarray(0, MAX_REJECTED_BYTES),
    rawBytes: raw.byteLength,
  };
}

function countTiers(inserted: readonly Placed<VerdictFact>[]): Record<Tier, number> {
  const tiers: Record<Tier, number> = { none: 0, affirming: 0, warning: 0, contraindicated: 0 };
  for (const { fact } of inserted) tiers[fact.verdict.tier] += 1;
  return tiers;
}

/** Renewed at half time, so that an import does not write the source's row for every batch. */
async function keepSilenceUnjudged(client: SqlClient, { source, receivedAt }: Batch): Promise<void> {
  const leftMs = (source.backfillUntil?.getTime() ?? 0) - receivedAt.getTime();
  if (leftMs > BACKFILL_GRACE_MS / 2) return;
  const until = new Date(receivedAt.getTime() + BACKFILL_GRACE_MS);
  await sourceSetBackfill(client, source.trustDomainId, source.id, until);
}
