/**
 * Tells sinks what they have not been told: at least once, in the order of the feed.
 *
 * One worker at a time holds a sink. What was taken is written down after it was taken: a crash in between, a lost
 * answer or a lost hold make it be told again under the same ids. An event that a receiver refuses for good is found by
 * halving, put aside with the reason, and the rest goes on; whatever else fails is tried again later, from there.
 */
import { randomUUID } from "node:crypto";
import type { Db, Tx } from "#db/client";
import { factAt, factList, headRead } from "#db/queries/feed";
import {
  deadLetterInsertAll,
  deadLettersDue,
  deadLetterUpdate,
  type SinkRow,
  sinkClaim,
  sinkSettle,
} from "#db/queries/sink";
import { deliveredThrough, deliveryAdd, refusalInsertAll, refusalReplayed } from "#db/queries/sink-delivery";
import type { FeedItem } from "#lib/domain/feed/fact";
import { type Counting, isCounted, isLate } from "#lib/domain/feed/prompt";
import { type Outgoing, outgoingOf } from "#lib/domain/siem/outgoing";
import { patienceMs } from "#lib/domain/siem/patience";
import { SinkError } from "#lib/sinks/contract";
import { type OpenSink, openSink } from "./open.ts";
import type { SinkTools } from "./tools.ts";

/** Facts that are looked at per turn. */
const BATCH = 100;
/** Dead letters that are sent again per turn. */
const LETTERS = 20;
/** A sink is held for so long, and no new request begins in the second half of it. */
const HOLD_MS = 120_000;
const MAX_ERROR_LENGTH = 500;

type Work = { db: Db; tools: SinkTools; now: () => Date; signal: AbortSignal };

/** Tell one sink that is due. @returns `null` when none is; else whether something went well */
export async function deliverNext({ db, tools, now, signal }: Work): Promise<boolean | null> {
  const claimedBy = randomUUID();
  const at = now();
  const row = await sinkClaim(db, { claimedBy, now: at, until: new Date(at.getTime() + HOLD_MS) });
  if (!row) return null;
  const told = await tell({ db, tools, now, signal }, row, at.getTime() + HOLD_MS / 2);
  await settle(db, row, claimedBy, told, now());
  // The sink shows that it fails; what it was belongs into the log.
  if (told.failure && !(told.failure instanceof SinkError)) throw told.failure;
  return told.failure === null;
}

type Letter = { seq: number; factId: string; reason: string; counted: boolean };
type Told = {
  /** The last place that was told or passed. */
  cursor: number;
  delivered: number;
  missed: number;
  refused: Letter[];
  /** Dead letters that were sent again: `null` = taken, else why they were refused once more. */
  replayed: { seq: number; attempts: number; reason: string | null; late: boolean }[];
  counting: Counting;
  /** What it adds to the sink's minute: facts that are told for the first time. */
  counts: { facts: number; late: number; missed: number };
  failure: Error | null;
};

async function tell({ db, tools, now, signal }: Work, row: SinkRow, untilMs: number): Promise<Told> {
  const told: Told = {
    cursor: row.cursor,
    delivered: 0,
    missed: 0,
    refused: [],
    replayed: [],
    counting: {
      fromMs: (row.countedFrom ?? row.createdAt).getTime(),
      through: await deliveredThrough(db, row),
    },
    counts: { facts: 0, late: 0, missed: 0 },
    failure: null,
  };
  try {
    const open = openSink(tools, row);
    const turn = { open, untilMs, now, signal };
    await replay(db, row, turn, told);
    const facts = await factList(db, row.trustDomainId, { after: row.cursor, limit: BATCH });
    await skipForgotten(db, row, facts, told);
    for (const chunk of chunksOf(facts, row, open)) {
      if (now().getTime() >= untilMs) break;
      await deliverHalving(chunk.events, turn, told);
      told.cursor = chunk.through;
    }
  } catch (error) {
    // The process ends: it is nobody's failure, and what went well is kept.
    if (!signal.aborted) told.failure = error instanceof Error ? error : new Error(String(error));
  }
  return told;
}

const UNFORESEEN = "It failed in a way that was not foreseen; the log says how";

/** Nothing of an unknown error is shown: it may quote what was sent. */
function shownOf(error: Error): Pick<SinkError, "failure" | "message" | "retryAfterMs"> {
  return error instanceof SinkError
    ? error
    : { failure: "unavailable", message: UNFORESEEN, retryAfterMs: null };
}

/** Why this one event is refused for good. @throws the error when it is anything else */
function refusalIn(error: unknown, signal: AbortSignal): string {
  if (signal.aborted || !(error instanceof SinkError) || error.failure !== "refused") throw error;
  return error.message;
}

/** What was forgotten before it could be told is counted: a gap that nobody sees would be a lie. */
async function skipForgotten(db: Db, row: SinkRow, facts: readonly FeedItem[], told: Told): Promise<void> {
  const first = facts[0]?.seq ?? ((await headRead(db, row.trustDomainId))?.lastSeq ?? row.cursor) + 1;
  told.missed = Math.max(0, first - 1 - row.cursor);
  told.counts.missed = Math.max(0, first - 1 - Math.max(row.cursor, told.counting.through));
  told.cursor = Math.max(told.cursor, first - 1);
}

type Chunk = { events: Outgoing[]; through: number };

/** Facts that concern the sink, as many at a time as its kind takes; the others are passed with their neighbours. */
function chunksOf(
  facts: readonly FeedItem[],
  { facts: kinds }: SinkRow,
  { emitter, maxEvents }: OpenSink,
): Chunk[] {
  const chunks: Chunk[] = [];
  let current: Chunk = { events: [], through: 0 };
  for (const item of facts) {
    const outgoing = kinds.includes(item.fact.kind) ? outgoingOf(item, emitter) : null;
    if (outgoing && current.events.length === maxEvents) {
      chunks.push(current);
      current = { events: [], through: 0 };
    }
    if (outgoing) current.events.push(outgoing);
    current.through = item.seq;
  }
  if (current.through > 0) chunks.push(current);
  return chunks;
}

type Turn = { open: OpenSink; untilMs: number; now: () => Date; signal: AbortSignal };

/** Deliver in order; what is refused alone is put aside. Moves `told` along, so that a failure keeps what went well. */
async function deliverHalving(events: readonly Outgoing[], turn: Turn, told: Told): Promise<void> {
  const [first] = events;
  const last = events.at(-1);
  if (!first || !last) return;
  if (turn.now().getTime() >= turn.untilMs)
    throw new SinkError("unavailable", "The receiver is too slow; it goes on from there");
  try {
    await turn.open.deliver(events, turn.now().getTime(), turn.signal);
    told.delivered += events.length;
    const counted = events.filter((event) => isCounted(event, told.counting));
    told.counts.facts += counted.length;
    told.counts.late += counted.filter((event) => isLate(event, turn.now().getTime())).length;
  } catch (error) {
    const reason = refusalIn(error, turn.signal);
    if (events.length > 1) {
      const middle = Math.ceil(events.length / 2);
      await deliverHalving(events.slice(0, middle), turn, told);
      await deliverHalving(events.slice(middle), turn, told);
      return;
    }
    told.refused.push({
      ...{ seq: first.seq, factId: first.id, reason },
      counted: isCounted(first, told.counting),
    });
  }
  told.cursor = Math.max(told.cursor, last.seq);
}

/** Send again what people asked for, one by one. */
async function replay(db: Db, row: SinkRow, turn: Turn, told: Told): Promise<void> {
  for (const { seq, attempts } of await deadLettersDue(db, row, LETTERS)) {
    if (turn.now().getTime() >= turn.untilMs) return;
    const item = await factAt(db, row.trustDomainId, seq);
    const outgoing = item && outgoingOf(item, turn.open.emitter);
    let reason: string | null = outgoing ? null : "The fact is not kept any more";
    try {
      if (outgoing) await turn.open.deliver([outgoing], turn.now().getTime(), turn.signal);
    } catch (error) {
      reason = refusalIn(error, turn.signal);
    }
    if (reason === null) told.delivered += 1;
    const late = item !== undefined && isLate({ knownMs: item.atMs }, turn.now().getTime());
    told.replayed.push({ seq, attempts: attempts + 1, reason, late });
  }
}

async function settle(db: Db, row: SinkRow, claimedBy: string, told: Told, at: Date): Promise<void> {
  const failure = told.failure && shownOf(told.failure);
  const failures = failure ? row.failures + 1 : 0;
  const progress = {
    cursor: told.cursor,
    delivered: row.delivered + told.delivered,
    missed: row.missed + told.missed,
    failures,
    ...(told.delivered > 0 ? { lastDeliveredAt: at } : {}),
    dueAt: failure ? new Date(at.getTime() + patienceMs(failures, failure.retryAfterMs)) : null,
    ...(failure ? { lastError: failure.message.slice(0, MAX_ERROR_LENGTH), lastErrorAt: at } : {}),
    ...(failure?.failure === "gone" ? { disabledAt: at } : {}),
  };
  await db.transaction(async (tx) => {
    // Somebody changed it or took it over: whatever was told now is told again.
    if (!(await sinkSettle(tx, row, claimedBy, progress))) return;
    const { trustDomainId, id: sinkId } = row;
    await deadLetterInsertAll(
      tx,
      told.refused.map(({ counted: _, ...letter }) => ({
        trustDomainId,
        sinkId,
        ...letter,
        at,
        attempts: 1,
      })),
    );
    for (const { seq, attempts, reason } of told.replayed) {
      const set = reason === null ? { replayedAt: at } : { reason, at };
      await deadLetterUpdate(tx, row, seq, { attempts, replayAt: null, ...set });
    }
    await count(tx, row, told, at);
  });
}

/** Write down what was told in this minute. A fact that had been refused is told when it is taken. */
async function count(tx: Tx, row: SinkRow, told: Told, at: Date): Promise<void> {
  const { counting, counts, cursor, refused, replayed } = told;
  await refusalInsertAll(
    tx,
    row,
    refused.filter(({ counted }) => counted).map(({ seq }) => seq),
    at,
  );
  const taken = replayed.filter(({ reason }) => reason === null);
  const known = await refusalReplayed(
    tx,
    row,
    taken.map(({ seq }) => seq),
    at,
  );
  const late = taken.filter((letter) => letter.late && known.has(letter.seq)).length;
  const through = Math.max(counting.through, cursor);
  if (through === counting.through && known.size === 0) return;
  await deliveryAdd(tx, row, at, {
    facts: counts.facts + known.size,
    late: counts.late + late,
    missed: counts.missed,
    through,
  });
}
