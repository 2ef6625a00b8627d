/** What the logs of a verdict say differently from those of the verdict before it. */

import type { VerdictFull } from "#db/queries/verdict";
import { type EarlierVerdict, verdictBefore } from "#db/queries/verdict-before";
import { type EventLogDifference, MAX_SHOWN } from "#lib/contracts/event-log";
import { explainDifference } from "#lib/domain/measured-boot/explain";
import { explainImaDifference } from "#lib/domain/measured-boot/ima-difference";
import type { ReadLog } from "#lib/domain/measured-boot/read-carried";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { iso } from "#lib/services/instant";
import { logsIn, requireReadable } from "./event-log.ts";
import { type VerdictRef, visibleVerdict } from "./verdict.ts";

/** How far back a log is looked for among verdicts without one. */
const MAX_STEPS = 10;

/** @throws {ProblemError} `evidence/not-found`, `evidence/no-event-log`, `evidence/event-log` */
export async function nodeEventLogDifference(
  ctx: ServiceContext,
  ref: VerdictRef,
): Promise<EventLogDifference> {
  const found = await visibleVerdict(ctx, ref);
  const after = requireReadable(logsIn(found.raw, found.submod), found.raw);
  const earlier = await earlierWithLogs(ctx, ref.nodeId, found);
  if ("missing" in earlier) return { previous: null, missing: earlier.missing, logs: [] };
  const { eventHash, observedAt } = earlier.verdict;
  return {
    previous: { eventHash, observedAt: iso(observedAt) },
    missing: null,
    logs: after.map((log) => differenceOf(counterpartOf(log, after, earlier.logs), log)),
  };
}

type Missing = { missing: NonNullable<EventLogDifference["missing"]> };

/** The newest verdict of the same lane before this one that still has its bytes and a log in them. */
async function earlierWithLogs(
  ctx: ServiceContext,
  nodeId: string,
  { sourceId, submod, observedAt, eventHash }: VerdictFull,
): Promise<{ verdict: EarlierVerdict; logs: ReadLog[] } | Missing> {
  const scope = readScope(ctx, "evidence:read");
  let missing: Missing["missing"] = "no_earlier_verdict";
  let before = { atMs: observedAt, hash: eventHash };
  for (let step = 0; step < MAX_STEPS; step++) {
    const verdict = await verdictBefore(ctx.db, scope, { nodeId, sourceId, submod, before });
    if (verdict === undefined) break;
    const logs = logsIn(verdict.raw, submod);
    if (logs.length > 0) return { verdict, logs };
    if (verdict.raw === null) missing = "bytes_dropped";
    else if (missing !== "bytes_dropped") missing = "no_log";
    before = { atMs: verdict.observedAt, hash: verdict.eventHash };
  }
  return { missing };
}

const formOf = (log: ReadLog) => (log.form === "unreadable" ? log.of : log.form);

/** The log of the same kind in the same turn: evidence with two boot logs has them in one order. */
function counterpartOf(
  log: ReadLog,
  own: readonly ReadLog[],
  others: readonly ReadLog[],
): ReadLog | undefined {
  const alike = (list: readonly ReadLog[]) => list.filter((one) => formOf(one) === formOf(log));
  return alike(others)[alike(own).indexOf(log)];
}

function differenceOf(before: ReadLog | undefined, after: ReadLog): EventLogDifference["logs"][number] {
  const of = formOf(after);
  const none = (reason: string) => ({ form: "none", of, reason }) as const;
  if (after.form === "unreadable") return none(`this log cannot be read: ${after.problem.detail}`);
  if (before === undefined) return none("the evidence before carries no such log");
  if (before.form === "unreadable") return none(`the log before cannot be read: ${before.problem.detail}`);
  if (after.form === "ima" && before.form === "ima") {
    const changes = explainImaDifference(before.log, after.log);
    return {
      form: "ima",
      total: changes.length,
      changes: changes.slice(0, MAX_SHOWN).map(({ path, kind, a, b }) => ({
        path: path.toWellFormed(),
        kind,
        before: a,
        after: b,
      })),
    };
  }
  if (after.form !== "tcg" || before.form !== "tcg") return none("the evidence before carries no such log");
  const explained = explainDifference(before.log, after.log, after.kind);
  if (!explained.comparable) return none(explained.reason);
  return {
    form: "tcg",
    bank: explained.bank,
    registers: explained.registers.map(({ changes, ...register }) => ({
      ...register,
      total: changes.length,
      changes: changes.slice(0, MAX_SHOWN).map(({ kind, sentence, a, b }) => ({
        kind,
        sentence: sentence.toWellFormed(),
        before: a?.index ?? null,
        after: b?.index ?? null,
      })),
    })),
  };
}
