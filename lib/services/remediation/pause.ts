/** Holding remediation back for a while. */
import { z } from "zod";
import {
  type PauseRow,
  pauseEnd,
  pauseInsert,
  pauseLock,
  pausesNow,
  pausesOver,
} from "#db/queries/remediation-facts";
import { BecauseBody, PauseBody, type PauseList, type PauseView } from "#lib/contracts/remediation";
import { ProblemError } from "#lib/domain/problems";
import { PAUSE_MAX_MS } from "#lib/domain/remediation-plan";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { domainFor } from "#lib/services/domain";
import { readScope } from "#lib/services/guard";
import { isoOrNull } from "#lib/services/instant";
import { announce } from "#lib/services/notification/announce";
import { uuidv7 } from "#lib/services/uuidv7";
import { pauseBegun, pauseEnded } from "./announce-pause.ts";

const SHOWN = 100;

export async function pauseList(ctx: ServiceContext): Promise<PauseList> {
  const scope = readScope(ctx, "remediation:read");
  const now = ctx.now();
  const rows = [...(await pausesNow(ctx.db, scope, now)), ...(await pausesOver(ctx.db, scope, now, SHOWN))];
  return { items: rows.map((row) => pauseView(row, now)) };
}

function pauseView({ id, scope, reason, email, madeAt, expiresAt, endedAt }: PauseRow, now: Date): PauseView {
  return {
    id,
    scope: scope as PauseView["scope"],
    reason,
    madeBy: email,
    madeAt: madeAt.toISOString(),
    until: expiresAt.toISOString(),
    endedAt: isoOrNull(endedAt?.getTime() ?? null),
    active: endedAt === null && expiresAt > now,
  };
}

/**
 * Hold back what policies would do by themselves, or every start, until an instant.
 *
 * @throws {ProblemError} `request/invalid` for an end that is over or too far ahead
 */
export const pauseRemediation = command({
  name: "remediation.pause",
  permission: "remediation:pause",
  input: PauseBody,
  async run(tx, ctx, { scope, reason, until }) {
    const actor = personActor(ctx.actor);
    const madeAt = ctx.now();
    const expiresAt = new Date(until);
    const aheadMs = expiresAt.getTime() - madeAt.getTime();
    if (aheadMs <= 0 || aheadMs > PAUSE_MAX_MS) {
      const detail = "Choose an instant of the next seven days.";
      throw new ProblemError("request/invalid", detail, { pointers: [{ pointer: "#/until", detail }] });
    }
    const trustDomainId = domainFor(actor);
    const id = uuidv7(madeAt);
    const row = { trustDomainId, id, scope, reason, madeBy: actor.id, madeAt, expiresAt, endedAt: null };
    await pauseInsert(tx, row);
    await announce(tx, pauseBegun(row, actor.email, madeAt));
    return {
      result: pauseView({ ...row, email: actor.email }, madeAt),
      audit: {
        trustDomainId,
        entity: "remediation_pause",
        entityId: id,
        before: null,
        after: { scope, reason, until: expiresAt },
      },
    };
  },
});

/** @throws {ProblemError} `remediation/pause-not-found`, `remediation/pause-over` */
export const endPause = command({
  name: "remediation.resume",
  permission: "remediation:pause",
  input: BecauseBody.extend({ pauseId: z.uuid() }),
  target: ({ pauseId }) => pauseId,
  async run(tx, ctx, { pauseId, reason }) {
    const actor = personActor(ctx.actor);
    const at = ctx.now();
    const row = await pauseLock(tx, actor.trustDomainIds, pauseId);
    if (!row) throw new ProblemError("remediation/pause-not-found", `No pause ${pauseId}.`);
    if (row.endedAt !== null || row.expiresAt <= at)
      throw new ProblemError("remediation/pause-over", "It is over.");
    await pauseEnd(tx, row, at);
    await announce(tx, pauseEnded(row, `${actor.email}: ${reason}`, at));
    return {
      result: { id: pauseId, endedAt: at.toISOString() },
      audit: {
        trustDomainId: row.trustDomainId,
        entity: "remediation_pause",
        entityId: pauseId,
        before: { scope: row.scope, until: row.expiresAt },
        after: { endedAt: at, reason },
      },
    };
  },
});
