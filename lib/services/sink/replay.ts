/** Telling a sink again what it was told or has refused. */
import { z } from "zod";
import { headRead } from "#db/queries/feed";
import { deadLetterReplay, sinkLock, sinkUpdate } from "#db/queries/sink";
import { ReplayDeadLettersBody, ReplaySinkBody } from "#lib/contracts/sink";
import { command } from "#lib/services/command";
import { noSink } from "./list.ts";

const sinkId = z.uuid();

/**
 * Set a sink back to a place, or to the first that is kept when that is later; never forward: what it was not told stays
 * due.
 *
 * @throws {ProblemError} `sink/not-found`
 */
export const replaySink = command({
  name: "sink.replay",
  permission: "sink:manage",
  input: ReplaySinkBody.extend({ sinkId }),
  target: (input) => input.sinkId,
  async run(tx, { actor }, { sinkId: id, after }) {
    const row = await sinkLock(tx, actor.trustDomainIds, id);
    if (!row) throw noSink(id);
    const { trustDomainId, cursor: before } = row;
    const head = await headRead(tx, trustDomainId);
    const cursor = Math.min(before, Math.max(after, (head?.keptFrom ?? 1) - 1));
    await sinkUpdate(tx, row, { cursor, dueAt: null, failures: 0 });
    return {
      result: { cursor },
      audit: { trustDomainId, entity: "sink", entityId: id, before: { cursor: before }, after: { cursor } },
    };
  },
});

/**
 * Send dead letters again.
 *
 * @throws {ProblemError} `sink/not-found`
 */
export const replayDeadLetters = command({
  name: "sink.replay_dead_letters",
  permission: "sink:manage",
  input: ReplayDeadLettersBody.extend({ sinkId }),
  target: (input) => input.sinkId,
  async run(tx, { actor, now }, { sinkId: id, seqs }) {
    const row = await sinkLock(tx, actor.trustDomainIds, id);
    if (!row) throw noSink(id);
    const { trustDomainId } = row;
    const asked = await deadLetterReplay(tx, row, seqs, now());
    await sinkUpdate(tx, row, { dueAt: null });
    return {
      result: { asked },
      audit: { trustDomainId, entity: "sink", entityId: id, before: null, after: { seqs, asked } },
    };
  },
});
