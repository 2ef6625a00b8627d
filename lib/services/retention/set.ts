/** Deciding how long verdicts are kept. */
import { retentionLock, retentionUpdate } from "#db/queries/retention-setting";
import { RetentionBody, type RetentionView } from "#lib/contracts/retention";
import { command } from "#lib/services/command";
import { domainFor } from "#lib/services/domain";

/**
 * Change what is given, leave the rest. The next run of the worker follows it; what was dropped before
 * does not come back.
 */
export const setRetention = command({
  name: "retention.set",
  permission: "retention:manage",
  input: RetentionBody,
  async run(tx, { actor }, { verdictDays, rawDays }) {
    const before = await retentionLock(tx);
    const after: RetentionView = {
      verdictDays: verdictDays ?? before.verdictDays,
      rawDays: rawDays ?? before.rawDays,
    };
    await retentionUpdate(tx, after);
    const trustDomainId = domainFor(actor);
    const audit = { trustDomainId, entity: "retention", entityId: "verdict", before, after };
    return { result: after, audit };
  },
});
