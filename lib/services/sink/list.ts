/** Sinks and where they stand. */
import { deadLetterList, type ListedSink, sinkFind, sinkList } from "#db/queries/sink";
import type { DeadLetterList, SinkList, SinkView } from "#lib/contracts/sink";
import type { OcsfVersion } from "#lib/domain/ocsf/event";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import type { Sink } from "#lib/sinks/contract";
import { fieldsOf } from "./read-input.ts";

const LETTERS_MAX = 200;
const DAY_MS = 86_400_000;

/** @throws {ProblemError} `auth/forbidden` */
export async function listSinks(ctx: ServiceContext, kinds: readonly Sink[]): Promise<SinkList> {
  const rows = await sinkList(ctx.db, readScope(ctx, "sink:read"), new Date(ctx.now().getTime() - DAY_MS));
  return {
    items: rows.map(sinkView),
    kinds: kinds.map(({ kind, label, words, settings, secrets }) => ({
      ...{ kind, label, words },
      settings: fieldsOf(settings),
      secrets: fieldsOf(secrets),
    })),
  };
}

const text = (at: Date | null) => at?.toISOString() ?? null;

function sinkView(row: ListedSink): SinkView {
  const { id, name, kind, facts, cursor, lastSeq, delivered, missed, failures } = row;
  return {
    ...{ id, name, kind, facts, cursor, lastSeq, delivered, missed, failures },
    settings: row.settings as SinkView["settings"],
    hasSecrets: row.sealedSecrets !== null,
    ocsfVersion: row.ocsfVersion as OcsfVersion,
    createdAt: row.createdAt.toISOString(),
    disabledAt: text(row.disabledAt),
    lastDeliveredAt: text(row.lastDeliveredAt),
    lastError:
      row.lastError === null || row.lastErrorAt === null
        ? null
        : { at: row.lastErrorAt.toISOString(), detail: row.lastError },
    dueAt: text(row.dueAt),
    lateLastDay: row.late,
    deadLetters: { refused: row.refused, waiting: row.waiting },
  };
}

/** @throws {ProblemError} `auth/forbidden`, `sink/not-found` */
export async function listDeadLetters(ctx: ServiceContext, sinkId: string): Promise<DeadLetterList> {
  const row = await sinkFind(ctx.db, readScope(ctx, "sink:read"), sinkId);
  if (!row) throw noSink(sinkId);
  const letters = await deadLetterList(ctx.db, row, LETTERS_MAX);
  return {
    items: letters.map(({ seq, factId, reason, at, attempts, replayAt }) => ({
      ...{ seq, factId, reason, attempts },
      at: at.toISOString(),
      waiting: replayAt !== null,
    })),
  };
}

export const noSink = (sinkId: string): ProblemError =>
  new ProblemError("sink/not-found", `No sink ${sinkId}.`);
