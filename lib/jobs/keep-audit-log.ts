/** Audit entries go into their log, and the log is signed: at the latest ten seconds after they were written. */
import { trustDomainIds } from "#db/queries/trust-domain";
import { type LogKeeper, takeIn } from "#lib/transparency/take-in";
import type { Job } from "./job.ts";

/** Promised are 60 seconds; what is not signed yet can be rewritten without a trace, so it is sooner. */
const EVERY_MS = 10_000;

/** @param keeper what signs the log, and where its file is */
export function keepAuditLog(keeper: Pick<LogKeeper, "sealer" | "dataDir">): Job {
  return {
    name: "keep-audit-log",
    everyMs: EVERY_MS,
    async run({ db, now }) {
      let more = false;
      const problems: unknown[] = [];
      for (const trustDomainId of await trustDomainIds(db)) {
        try {
          const { full } = await takeIn({ ...keeper, db, now }, trustDomainId);
          more ||= full;
        } catch (error) {
          // The log of one domain that contradicts itself must not keep the others from being signed.
          problems.push(error);
        }
      }
      if (problems.length === 1) throw problems[0];
      if (problems.length > 1)
        throw new AggregateError(problems, `${problems.length} audit logs are not signed`);
      return more ? "more" : "idle";
    },
  };
}
