/** Whether failed nodes are contained without a person. */
import { type AutomaticSetting, automaticLock, automaticPut } from "#db/queries/automatic";
import { trustDomainLock } from "#db/queries/trust-domain";
import { AutomaticBody, type AutomaticSettingView } from "#lib/contracts/automatic";
import type { AutomaticMode } from "#lib/domain/automatic";
import { ProblemError } from "#lib/domain/problems";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import { domainFor } from "#lib/services/domain";

export function settingView(
  row: AutomaticSetting | undefined,
  changedBy: string | null,
): AutomaticSettingView {
  return {
    mode: (row?.mode ?? "off") as AutomaticMode,
    revision: row?.revision ?? 0,
    since: row?.changedAt.toISOString() ?? null,
    changedBy,
    reason: row?.reason ?? null,
  };
}

/**
 * Set it for the caller's own domain. Only failures from now on are judged.
 *
 * @throws {ProblemError} `remediation/automatic-moved` when somebody changed it meanwhile
 */
export const setAutomatic = command({
  name: "remediation.set_automatic",
  permission: "remediation:configure",
  input: AutomaticBody,
  async run(tx, ctx, { mode, revision, reason }) {
    const actor = personActor(ctx.actor);
    const trustDomainId = domainFor(actor);
    await trustDomainLock(tx, [trustDomainId], trustDomainId);
    const before = await automaticLock(tx, trustDomainId);
    if ((before?.revision ?? 0) !== revision)
      throw new ProblemError(
        "remediation/automatic-moved",
        "Somebody changed it meanwhile. Look at it again.",
      );
    const set = { mode, revision: revision + 1, reason };
    const row = { trustDomainId, ...set, changedBy: actor.id, changedAt: ctx.now() };
    await automaticPut(tx, row);
    return {
      result: settingView(row, actor.email),
      audit: {
        trustDomainId,
        entity: "automatic_containment",
        entityId: trustDomainId,
        before: { mode: before?.mode ?? "off" },
        after: { mode, reason },
      },
    };
  },
});
