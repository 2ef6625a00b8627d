/** Writing one batch: every fact, counter and derived change in one transaction, or nothing. */

import { type LaneKey, laneHeads } from "#db/queries/ingest-history";
import { bootstrapInsert, notifyChange, rejectedUpsert, rollupAdd } from "#db/queries/ingest-log";
import { type LockedNode, nodeLock, nodeSetFirstSeen } from "#db/queries/ingest-nodes";
import { sourceNames, sourceSetBackfill } from "#db/queries/ingest-source";
import { measurementSetInsert, verdictCopy, verdictInsert } from "#db/queries/ingest-verdicts";
import { ensureVerdictDays } from "#db/queries/retention";
import { BY_INDEX, inTransaction, type SqlClient, type SqlPool } from "#db/transaction";
import type { Tier } from "#lib/domain/ar4si";
import type { FoldVerdict } from "#lib/domain/history";
import { laneLabel } from "#lib/domain/silence";
import { uuidv7 } from "#lib/services/uuidv7";
import { countRepeats, type LaneVerdicts } from "./count-repeats.ts";
import { sha256 } from "./digest.ts";
import { refuseDistrusted } from "./distrusted.ts";
import type { BootstrapFact, Facts, Refusal, VerdictFact } from "./interpret.ts";
import { MAX_REJECTED_BYTES } from "./limits.ts";
import type { LoadedSource } from "./load-source.ts";
import { askEnrolment, followLinks, recordFindings, reviseIncarnations } from "./note-identity.ts";
import {
  type Claimant,
  loadDirectory,
  NodeRaceError,
  type Resolution,
  resolveNodes,
} from "./resolve-nodes.ts";
import { withinRetention } from "./retention.ts";
import { type LaneNews, markLives, type ReviseScope, reviseLanes, reviseNodes } from "./revise-lanes.ts";
import { siftVerdicts, verdictClaimant } from "./sift.ts";

/** What became of a batch. Refusals found while storing (replay, conflict) join the earlier ones. */
export type Stored = {
  accepted: number;
  duplicate: number;
  refusals: Refusal[];
  /** Slot of every accepted fact; a slot that held several stands there as often. */
  acceptedSlots: number[];
};

export type Batch = { pool: SqlPool; source: LoadedSource; receivedAt: Date; backfill: boolean };

/** How long an import keeps the judging of silence at bay after its last batch. */
const BACKFILL_GRACE_MS = 60_000;
const DAY_MS = 86_400_000;
/** How long the life of a node waits for the rest of its history while that is being imported. */
const FOLD_GRACE_MS = 5_000;
const ATTEMPTS = 6;
/** Lost a race that a new attempt wins: unique violation, serialisation failure, deadlock. */
const RETRYABLE = new Set(["23505", "40001", "40P01"]);

/** Days whose partition existed when it was last asked for. */
const knownDays = new WeakMap<SqlPool, Set<string>>();

/**
 * Store a batch durably. Returns only after the commit.
 *
 * @throws when the database is unavailable; nothing was stored then
 */
export async function storeFacts(batch: Batch, facts: Facts): Promise<Stored> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await ensurePartitions(batch, facts.verdicts);
      const attempted = { ...batch, contested: attempt > 1 };
      return await inTransaction(batch.pool, (client) => storeOnce(client, attempted, facts), BY_INDEX);
    } catch (error) {
      const code = (error as { code?: string }).code ?? "";
      const dropped = isMissingPartition(error);
      if (dropped) knownDays.delete(batch.pool);
      const retryable = dropped || error instanceof NodeRaceError || RETRYABLE.has(code);
      if (attempt >= ATTEMPTS || !retryable) throw error;
    }
  }
}

/** A partition was dropped since it was last asked for: a check fails that has no name. */
function isMissingPartition(error: unknown): boolean {
  const { code, constraint } = error as { code?: string; constraint?: string };
  return code === "23514" && constraint === undefined;
}

async function ensurePartitions(
  { pool, receivedAt }: Batch,
  verdicts: readonly VerdictFact[],
): Promise<void> {
  const known = knownDays.get(pool) ?? new Set<string>();
  knownDays.set(pool, known);
  const days = new Set(verdicts.map(({ verdict }) => Math.floor(verdict.observedAtMs / DAY_MS)));
  const missing = [...days]
    .map((day) => new Date(day * DAY_MS).toISOString().slice(0, 10))
    .filter((day) => !known.has(day));
  await ensureVerdictDays(pool, missing, receivedAt);
  for (const day of missing) known.add(day);
}

type Placed<Fact, NodeId = string> = { fact: Fact; nodeId: NodeId };

/** `contested`: an earlier attempt lost a race, so nothing is taken for granted in this one. */
type Attempt = Batch & { contested: boolean };

async function storeOnce(client: SqlClient, batch: Attempt, received: Facts): Promise<Stored> {
  const { source, receivedAt } = batch;
  const retained = await withinRetention(client, received, receivedAt);
  const facts = await refuseDistrusted(client, source, retained);
  const { trustDomainId } = source;
  const log = { trustDomainId, sourceId: source.id, receivedAt, backfill: batch.backfill };

  const claimants = [...facts.verdicts.map(verdictClaimant), ...facts.bootstrap.map(bootstrapClaimant)];
  const directory = await loadDirectory(client, trustDomainId, claimants);
  // What is assumed to be new must be copied: an insert would pass over a replay without a word.
  const assumeNew = !batch.contested && facts.verdicts.length >= COPY_FROM_ROWS;
  const sifted = await siftVerdicts(client, source, directory, facts.verdicts, receivedAt, assumeNew);
  const { fresh, replays } = sifted;
  const claims = [...fresh.map(verdictClaimant), ...facts.bootstrap.map(bootstrapClaimant)];
  const resolved = await resolveNodes(client, trustDomainId, directory, claims, receivedAt);
  const { resolutions } = resolved;
  await askEnrolment(client, source, resolved.made, receivedAt);
  const verdicts = place(fresh, resolutions);
  const bootstrap = place(facts.bootstrap, resolutions.slice(fresh.length));
  const nobody = bootstrap.placed.filter(({ nodeId }) => nodeId === null).map(({ fact }) => fact);
  const followed = await followLinks(client, source, nobody);
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
  await reviseIncarnations(client, trustDomainId, resolved.sightings, receivedAt);
  const newEvents = await bootstrapInsert(
    client,
    log,
    bootstrap.placed.map(({ fact, nodeId }) => {
      const link = nodeId === null ? followed(fact) : null;
      const id = uuidv7(receivedAt);
      return { ...fact, nodeId: nodeId ?? link?.nodeId ?? null, linkId: link?.linkId ?? null, id };
    }),
  );
  const inserted = await appendVerdicts(client, batch, attributed, assumeNew);
  await storeMeasurements(client, trustDomainId, inserted, receivedAt);

  const nowMs = receivedAt.getTime();
  const scope: ReviseScope = {
    ...{ client, trustDomainId, nowMs, nodes },
    ...(batch.backfill && { foldAtMs: nowMs + FOLD_GRACE_MS }),
  };
  const changing = await countRepeats(client, source, laneVerdicts(source, inserted));
  const changed = await reviseLanes(
    scope,
    await laneNews(client, source, changing),
    source.staleAfterMs,
    false,
  );
  const sighted = [
    ...inserted.map(sightingOfVerdict),
    ...bootstrap.placed.flatMap(sightingOfEvent(newEvents)),
  ];
  const marks = [...lifecycleMarks(nodes, sighted), ...(await moveFirstSeen(scope, sighted, changed))];
  await markLives(scope, marks);
  const names = changed.size > 0 ? await sourceNames(client, trustDomainId) : NO_NAMES;
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
  const findings = [...sifted.findings, ...resolved.findings];
  await recordFindings(client, trustDomainId, source.id, findings, receivedAt);
  if (batch.backfill) await keepSilenceUnjudged(client, batch);
  await notifyChange(
    client,
    trustDomainId,
    [
      "sources",
      ...(changed.size + findings.length > 0 ? (["fleet", "nodes"] as const) : []),
      ...(newEvents.size > 0 ? (["events"] as const) : []),
    ],
    [...new Set([...moved, ...findings.map(({ nodeId }) => nodeId)])],
  );
  const acceptedSlots = [...inserted.map(({ fact }) => fact.index), ...slotsOf(bootstrap.placed, newEvents)];
  return { accepted, duplicate, refusals, acceptedSlots };
}

/** Slots of the events that are new; of equal ones in one batch the first is. */
function slotsOf(
  placed: readonly Placed<BootstrapFact, string | null>[],
  newEvents: ReadonlySet<string>,
): number[] {
  const left = new Set(newEvents);
  return placed.filter(({ fact }) => left.delete(fact.event.externalId)).map(({ fact }) => fact.index);
}

const NO_NAMES: ReadonlyMap<string, string> = new Map();

/** Fewer rows than this go faster as an ordinary insert. */
const COPY_FROM_ROWS = 20;

/** Append verdicts to the log. @returns those that were really new */
async function appendVerdicts(
  client: SqlClient,
  { source, receivedAt, backfill }: Attempt,
  attributed: readonly Placed<VerdictFact>[],
  copy: boolean,
): Promise<readonly Placed<VerdictFact>[]> {
  const log = { trustDomainId: source.trustDomainId, sourceId: source.id, receivedAt, backfill };
  const writes = attributed.map(({ fact, nodeId }) => ({ ...fact, nodeId }));
  if (copy && writes.length > 0) {
    await verdictCopy(client, log, writes);
    return attributed;
  }
  const added = await verdictInsert(client, log, writes);
  return attributed.filter(({ fact, nodeId }) => added.has(`${nodeId} ${fact.eventHash}`));
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
    else conflicts.push(refusalOf(fact, resolution.code, resolution.detail));
  });
  return { placed, conflicts };
}

const namelessRefusal = (fact: VerdictFact) =>
  refusalOf(fact, "event/unknown-node", "It names no node by an identity that can prove one.");

function refusalOf(
  fact: VerdictFact | BootstrapFact,
  code: "event/identity-conflict" | "event/identity-changed" | "event/unknown-node",
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

/** Stored verdicts by lane. */
function laneVerdicts(source: LoadedSource, inserted: readonly Placed<VerdictFact>[]): LaneVerdicts[] {
  const lanes = new Map<string, LaneKey & { verdicts: FoldVerdict[] }>();
  for (const { fact, nodeId } of inserted) {
    const key = { nodeId, sourceId: source.id, submod: fact.verdict.submod };
    const lane = lanes.get(laneId(key));
    if (lane) lane.verdicts.push(foldVerdict(fact));
    else lanes.set(laneId(key), { ...key, verdicts: [foldVerdict(fact)] });
  }
  return [...lanes.values()];
}

async function laneNews(
  client: SqlClient,
  source: LoadedSource,
  changing: readonly LaneVerdicts[],
): Promise<LaneNews[]> {
  if (changing.length === 0) return [];
  const nodeIds = [...new Set(changing.map(({ nodeId }) => nodeId))];
  const heads = new Map(
    (await laneHeads(client, source.trustDomainId, source.id, nodeIds)).map((head) => [laneId(head), head]),
  );
  return changing.map((lane) => ({ ...lane, head: heads.get(laneId(lane)) ?? null }));
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
function lifecycleMarks(nodes: ReadonlyMap<string, LockedNode>, sightings: readonly Sighting[]): Sighting[] {
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
