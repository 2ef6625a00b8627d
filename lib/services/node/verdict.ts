/** One verdict, opened up. */
import { type VerdictFull, verdictFind } from "#db/queries/verdict";
import type { VerdictDetail } from "#lib/contracts/node";
import { carriedLogs } from "#lib/domain/measured-boot/carried-logs";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { decodedClaims } from "./decoded-claims.ts";
import { verdictView } from "./verdict-view.ts";

export type VerdictRef = { nodeId: string; eventHash: string };

/**
 * The stored verdict, or the one answer for "there is none" and "you may not see it".
 *
 * @throws {ProblemError} `evidence/not-found`
 */
export async function visibleVerdict(ctx: ServiceContext, ref: VerdictRef): Promise<VerdictFull> {
  const scope = readScope(ctx, "evidence:read");
  const found = await verdictFind(ctx.db, scope, ref);
  if (!found)
    throw new ProblemError("evidence/not-found", `No evidence ${ref.eventHash} for node ${ref.nodeId}.`);
  return found;
}

/** @throws {ProblemError} `evidence/not-found` */
export async function nodeVerdict(ctx: ServiceContext, ref: VerdictRef): Promise<VerdictDetail> {
  const found = await visibleVerdict(ctx, ref);
  const decoded = decodedClaims(found.raw);
  const eventLogs = carriedLogs(decoded.claims, found.submod).map(({ pointer }) => pointer);
  return { verdict: verdictView(found), measurements: found.measurements ?? {}, ...decoded, eventLogs };
}
