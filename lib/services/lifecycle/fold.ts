/** Bringing the recorded lives of nodes up to date with what is recorded about them. */
import { auditInsertAll } from "#db/queries/audit";
import { factInsertAll } from "#db/queries/feed";
import { notifyChange } from "#db/queries/ingest-log";
import { nodeLock } from "#db/queries/ingest-nodes";
import {
  isImporting,
  type LifecycleHead,
  lifecycleHeads,
  lifecycleSettle,
  type StoredTransition,
  standingsAfter,
  standingsBefore,
  transitionContent,
  transitionInsert,
  transitionSupersede,
  transitionsSince,
} from "#db/queries/lifecycle-fold";
import {
  type FoldFrom,
  foldEvents,
  foldLines,
  foldTriggers,
  foldVerdicts,
} from "#db/queries/lifecycle-records";
import { retentionRead } from "#db/queries/retention";
import { BY_INDEX, inTransaction, type SqlClient, type SqlPool } from "#db/transaction";
import type { LifecycleFact } from "#lib/domain/feed/fact";
import {
  comparePositions,
  type LifecycleRecord,
  recordOfEvent,
  recordOfLine,
  recordOfVerdict,
} from "#lib/domain/lifecycle-record";
import {
  isWaiting,
  type LifecycleEntry,
  type LifecycleStanding,
  newborn,
  walkLifecycle,
} from "#lib/domain/lifecycle-walk";
import { uuidv7 } from "#lib/services/uuidv7";

/** What a fold found and changed. */
export type Folded = {
  nodes: number;
  /** Nodes whose log or standing was not what their records amount to. */
  changed: string[];
};

export type FoldOptions = {
  /**
   * Fold from the first record on instead of from where the life stands; where verdicts were dropped, from
   * the first standing that owes nothing to them.
   */
  fromScratch: boolean;
  /** Write what differs; `false` only tells. */
  write: boolean;
};

/**
 * Fold the lives of some nodes of one domain, in one transaction, under their locks.
 *
 * Idempotent: a second run finds nothing to change. Timers are judged up to `now`, unless history is
 * being imported.
 */
export function foldLives(
  pool: SqlPool,
  trustDomainId: string,
  nodeIds: readonly string[],
  now: Date,
  options: FoldOptions = { fromScratch: false, write: true },
): Promise<Folded> {
  return inTransaction(
    pool,
    async (client) => {
      await nodeLock(client, trustDomainId, nodeIds);
      const heads = await lifecycleHeads(client, trustDomainId, nodeIds);
      const untilMs = (await isImporting(client, trustDomainId, now)) ? null : now.getTime();
      const starts = await (options.fromScratch ? firstStarts : startsOf)(client, trustDomainId, heads);
      const lives = await walkAll(client, trustDomainId, starts, untilMs);
      return settle(client, trustDomainId, { heads, lives, now, write: options.write });
    },
    BY_INDEX,
  );
}

type Start = { nodeId: string; standing: LifecycleStanding };

/** Where each fold begins: at the head when all news is later, else after the last transition before it. */
async function startsOf(
  client: SqlClient,
  trustDomainId: string,
  heads: readonly LifecycleHead[],
): Promise<Start[]> {
  const isAhead = ({ standing, dirtyMs }: LifecycleHead) =>
    standing !== null &&
    (dirtyMs === null || (standing.position !== null && dirtyMs > standing.position.atMs));
  const behind = heads.filter((head) => !isAhead(head));
  const earlier = await standingsBefore(
    client,
    trustDomainId,
    behind.map(({ nodeId, dirtyMs, firstSeenMs }) => ({ nodeId, beforeMs: dirtyMs ?? firstSeenMs })),
  );
  return heads.map((head) => {
    const known = isAhead(head) ? head.standing : earlier.get(head.nodeId);
    return { nodeId: head.nodeId, standing: known ?? newborn(head.firstSeenMs) };
  });
}

/**
 * Where a fold from scratch begins: at birth; of a life that is older than the verdicts that are kept, with the
 * last transition before them.
 *
 * A node that was waiting for verdicts then was moved on by some that are gone in part: such a stay is
 * kept as it is, and the fold begins behind it.
 */
async function firstStarts(
  client: SqlClient,
  trustDomainId: string,
  heads: readonly LifecycleHead[],
): Promise<Start[]> {
  const { retainedSince } = await retentionRead(client);
  const sinceMs = retainedSince?.getTime() ?? Number.NEGATIVE_INFINITY;
  const older = heads.filter(({ firstSeenMs }) => firstSeenMs < sinceMs).map(({ nodeId }) => nodeId);
  const before = await standingsBefore(
    client,
    trustDomainId,
    older.map((nodeId) => ({ nodeId, beforeMs: sinceMs })),
  );
  const waited = older.filter((nodeId) => isWaiting(before.get(nodeId)?.state ?? "discovered"));
  const after = await standingsAfter(client, trustDomainId, waited, new Date(sinceMs));
  return heads.map(({ nodeId, firstSeenMs, standing }) => {
    const kept = waited.includes(nodeId) ? (after.get(nodeId) ?? standing) : before.get(nodeId);
    return { nodeId, standing: kept ?? newborn(firstSeenMs) };
  });
}

type Life = {
  nodeId: string;
  from: LifecycleStanding;
  standing: LifecycleStanding;
  log: readonly LifecycleEntry[];
};

async function walkAll(
  client: SqlClient,
  trustDomainId: string,
  starts: readonly Start[],
  untilMs: number | null,
): Promise<Life[]> {
  const records = await recordsOf(client, trustDomainId, starts.map(fromOf));
  const lives: Life[] = [];
  for (const { nodeId, standing: from } of starts) {
    const walk = walkLifecycle(from, records.get(nodeId) ?? [], untilMs);
    let step = walk.next();
    while (!step.done) {
      const verdicts = await foldVerdicts(client, trustDomainId, nodeId, step.value);
      step = walk.next(verdicts.flatMap((verdict) => recordOfVerdict(verdict) ?? []));
    }
    lives.push({ nodeId, from, ...step.value });
  }
  return lives;
}

const fromOf = ({ nodeId, standing }: Start): FoldFrom => ({
  nodeId,
  fromMs: standing.position?.atMs ?? 0,
});

async function recordsOf(
  client: SqlClient,
  trustDomainId: string,
  nodes: readonly FoldFrom[],
): Promise<Map<string, LifecycleRecord[]>> {
  const records = new Map<string, LifecycleRecord[]>(nodes.map(({ nodeId }) => [nodeId, []]));
  for (const { nodeId, ...event } of await foldEvents(client, trustDomainId, nodes)) {
    records.get(nodeId)?.push(recordOfEvent(event));
  }
  for (const { nodeId, ...line } of await foldLines(client, trustDomainId, nodes)) {
    const record = recordOfLine(line);
    if (record) records.get(nodeId)?.push(record);
  }
  for (const { nodeId, id, ...trigger } of await foldTriggers(client, trustDomainId, nodes)) {
    records.get(nodeId)?.push({ ...trigger, key: id, notes: [], cause: { kind: "trigger", id } });
  }
  return records;
}

/** Compare what the records amount to with what is recorded, and write the difference. */
async function settle(
  client: SqlClient,
  trustDomainId: string,
  work: { heads: readonly LifecycleHead[]; lives: readonly Life[]; now: Date; write: boolean },
): Promise<Folded> {
  const { heads, lives, now, write } = work;
  const stored = Map.groupBy(
    await transitionsSince(
      client,
      trustDomainId,
      lives.map(({ nodeId, from }) => ({ nodeId, fromMs: from.position?.atMs ?? 0 })),
    ),
    ({ nodeId }) => nodeId,
  );
  const byNode = new Map(heads.map((head) => [head.nodeId, head]));
  const add: Parameters<typeof transitionInsert>[2][number][] = [];
  const supersede: Parameters<typeof transitionSupersede>[2][number][] = [];
  const settled: Parameters<typeof lifecycleSettle>[2][number][] = [];
  const changed: string[] = [];
  const moved: string[] = [];
  for (const { nodeId, from, standing, log } of lives) {
    const head = byNode.get(nodeId);
    const believed = (stored.get(nodeId) ?? []).filter((row) => isAfter(row, from));
    const revision = difference(believed, log);
    const differs = revision.add.length > 0 || revision.supersede.length > 0;
    // Two revisions of a node never share an instant.
    const recordedMs = differs
      ? Math.max(now.getTime(), (head?.recordedMs ?? 0) + 1)
      : (head?.recordedMs ?? 0);
    add.push(...revision.add.map((entry) => ({ nodeId, recordedMs, entry })));
    supersede.push(...revision.supersede.map((row) => ({ ...row, recordedMs })));
    settled.push({ nodeId, standing, recordedMs });
    if (differs) moved.push(nodeId);
    if (differs || head?.standing?.state !== standing.state) changed.push(nodeId);
  }
  if (!write) return { nodes: lives.length, changed };
  await transitionSupersede(client, trustDomainId, supersede);
  await transitionInsert(client, trustDomainId, add);
  await lifecycleSettle(client, trustDomainId, settled);
  await factInsertAll(client, trustDomainId, add.map(factOf));
  await auditInsertAll(
    client,
    add.flatMap(({ nodeId, entry }) => auditOf(trustDomainId, nodeId, entry, now)),
  );
  if (moved.length > 0) await notifyChange(client, trustDomainId, ["nodes", "events"], moved);
  return { nodes: lives.length, changed };
}

const placeOf = ({ occurredAtMs, order }: StoredTransition) => ({ atMs: occurredAtMs, order });

function isAfter(row: StoredTransition, { position }: LifecycleStanding): boolean {
  return position === null || comparePositions(placeOf(row), position) > 0;
}

function difference(believed: readonly StoredTransition[], log: readonly LifecycleEntry[]) {
  const known = new Map(believed.map((row) => [`${row.occurredAtMs} ${row.order}`, row]));
  const kept = new Set<StoredTransition>();
  const add = log.filter((entry) => {
    const row = known.get(`${entry.position.atMs} ${entry.position.order}`);
    if (!row || row.content !== transitionContent(entry)) return true;
    kept.add(row);
    return false;
  });
  return { add, supersede: believed.filter((row) => !kept.has(row)) };
}

/** What other systems are told of a step. */
function factOf({
  nodeId,
  recordedMs,
  entry,
}: {
  nodeId: string;
  recordedMs: number;
  entry: LifecycleEntry;
}) {
  const { outcome, from, to, record, position } = entry;
  const at = new Date(recordedMs);
  const fact: LifecycleFact = {
    kind: "lifecycle",
    outcome,
    from,
    to,
    event: record.type,
    why: entry.outcome === "refused" ? entry.why : null,
    actor: { kind: record.actor.kind, id: record.actor.id },
    causeId: "id" in record.cause ? record.cause.id : null,
    atMs: position.atMs,
  };
  return { id: uuidv7(at), nodeId, at, fact };
}

/** The audit entry of a refused attempt, as for people who were refused. */
function auditOf(trustDomainId: string, nodeId: string, entry: LifecycleEntry, now: Date) {
  if (entry.outcome !== "refused") return [];
  const { record, position, from, to, ruleId, transitionId, why } = entry;
  return [
    {
      trustDomainId,
      id: uuidv7(now),
      at: now,
      actorKind: record.actor.kind,
      actorId: record.actor.id ?? "unknown",
      action: "node.transition",
      entity: "node",
      entityId: nodeId,
      outcome: "refused",
      problemCode: null,
      before: { state: from },
      after: {
        to,
        rule: ruleId ?? transitionId,
        event: record.type,
        why,
        occurredAt: new Date(position.atMs).toISOString(),
      },
      requestId: "id" in record.cause ? record.cause.id : record.cause.kind,
      address: null,
    },
  ];
}
