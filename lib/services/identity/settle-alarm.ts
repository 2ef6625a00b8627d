/** Closing an identity alarm with a reason. */
import { z } from "zod";
import { identityAlarmLock, identityAlarmSettle } from "#db/queries/identity-alarm";
import { ReasonBody } from "#lib/contracts/identity";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import { announce } from "#lib/services/notification/announce";

/**
 * Say that an alarm needs nobody any more. The same finding again opens it anew. Idempotent.
 *
 * @throws {ProblemError} `identity-alarm/not-found`
 */
export const settleAlarm = command({
  name: "identity.settle",
  permission: "identity:settle",
  input: ReasonBody.extend({ alarmId: z.uuid() }),
  target: ({ alarmId }) => alarmId,
  async run(tx, { actor, now }, { alarmId, reason }) {
    const alarm = await identityAlarmLock(tx, actor.trustDomainIds, alarmId);
    if (!alarm) throw new ProblemError("identity-alarm/not-found", `No identity alarm ${alarmId}.`);
    const settled = { at: now(), by: actor.id, reason };
    if (alarm.settledAt === null) {
      await identityAlarmSettle(tx, alarm, settled);
      await announce(tx, {
        kind: "identity.settled",
        trustDomainId: alarm.trustDomainId,
        subject: alarmId,
        title: "An identity alarm is settled",
        summary: reason,
        link: `/nodes/${alarm.nodeId}`,
        at: settled.at,
      });
    }
    const { kind, nodeId, otherNodeId, settledAt } = alarm;
    return {
      result: undefined,
      audit: {
        trustDomainId: alarm.trustDomainId,
        entity: "identity",
        entityId: alarmId,
        before: { kind, nodeId, otherNodeId, settledAt },
        after: { settledAt: settledAt ?? settled.at, reason },
      },
    };
  },
});
