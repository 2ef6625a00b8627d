/**
 * The logs of a verdict's evidence, taken apart when they are asked for. For explanation: trust comes
 * from the verifier, whatever these logs say.
 */
import type { EventLogs } from "#lib/contracts/event-log";
import { carriedLogs } from "#lib/domain/measured-boot/carried-logs";
import { type ReadLog, readCarriedLog } from "#lib/domain/measured-boot/read-carried";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { iso } from "#lib/services/instant";
import { decodedClaims } from "./decoded-claims.ts";
import { logViews } from "./event-log-view.ts";
import { type VerdictRef, visibleVerdict } from "./verdict.ts";

/** The logs in received bytes, readable or not. */
export function logsIn(raw: Buffer | null, submod: string): ReadLog[] {
  return carriedLogs(decodedClaims(raw).claims, submod).map(readCarriedLog);
}

/** @throws {ProblemError} `evidence/no-event-log`; `evidence/event-log` when none can be read */
export function requireReadable(logs: readonly ReadLog[], raw: Buffer | null): readonly ReadLog[] {
  if (raw === null) {
    throw new ProblemError(
      "evidence/no-event-log",
      "The bytes are no longer stored, and with them any log; their digest still is.",
    );
  }
  if (logs.length === 0) throw new ProblemError("evidence/no-event-log", "There is no log in this evidence.");
  const problems = logs.flatMap((log) =>
    log.form === "unreadable" ? [`${log.pointer}: ${log.problem.detail}`] : [],
  );
  if (problems.length === logs.length) throw new ProblemError("evidence/event-log", problems.join("; "));
  return logs;
}

/** @throws {ProblemError} `evidence/not-found`, `evidence/no-event-log`, `evidence/event-log` */
export async function nodeEventLog(ctx: ServiceContext, ref: VerdictRef): Promise<EventLogs> {
  const found = await visibleVerdict(ctx, ref);
  const logs = requireReadable(logsIn(found.raw, found.submod), found.raw);
  return {
    eventHash: found.eventHash,
    observedAt: iso(found.observedAt),
    logs: logViews(logs, found.measurements ?? {}),
  };
}
