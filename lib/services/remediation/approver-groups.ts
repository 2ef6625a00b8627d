/** Who belongs to which group of approvers. */
import { z } from "zod";
import type { Conn } from "#db/client";
import { groupMembers, groupMembersPut } from "#db/queries/remediation-facts";
import { peopleHolding } from "#db/queries/remediation-people";
import { trustDomainLock } from "#db/queries/trust-domain";
import { type ApproverGroups, PutApproverGroupBody } from "#lib/contracts/remediation";
import { PERMISSIONS } from "#lib/domain/access";
import { APPROVER_GROUPS } from "#lib/domain/approval";
import { ProblemError } from "#lib/domain/problems";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { domainFor } from "#lib/services/domain";
import { readScope } from "#lib/services/guard";

export async function approverGroups(ctx: ServiceContext): Promise<ApproverGroups> {
  const scope = readScope(ctx, "remediation:read");
  return groupsView(ctx.db, domainFor({ ...ctx.actor, trustDomainIds: scope }), ctx.now());
}

async function groupsView(conn: Conn, trustDomainId: string, now: Date): Promise<ApproverGroups> {
  const approvers = await peopleHolding(conn, trustDomainId, PERMISSIONS["remediation:decide"], now);
  const members = await groupMembers(conn, trustDomainId);
  return {
    groups: APPROVER_GROUPS.map((group) => {
      const own = members.filter((member) => member.group === group);
      return {
        group,
        everybody: own.length === 0,
        members: own.map(({ userId, email }) => ({
          userId,
          email,
          mayApprove: approvers.some((approver) => approver.userId === userId),
        })),
      };
    }),
    approvers,
  };
}

/**
 * Say who a group is.
 *
 * @throws {ProblemError} `user/not-found` for somebody whose role may not approve here
 */
export const putApproverGroup = command({
  name: "remediation.set_group",
  permission: "remediation:configure",
  input: PutApproverGroupBody.extend({ group: z.enum(APPROVER_GROUPS) }),
  target: ({ group }) => group,
  async run(tx, ctx, { group, members }) {
    const actor = personActor(ctx.actor);
    const at = ctx.now();
    const trustDomainId = domainFor(actor);
    // Two who set a group at once queue here; the later one is the one that holds.
    await trustDomainLock(tx, [trustDomainId], trustDomainId);
    const approvers = await peopleHolding(tx, trustDomainId, PERMISSIONS["remediation:decide"], at);
    const wanted = [...new Set(members)];
    if (wanted.some((id) => !approvers.some(({ userId }) => userId === id)))
      throw new ProblemError("user/not-found", "There is no such person, or their role may not approve.");
    const before = (await groupMembers(tx, trustDomainId)).filter((member) => member.group === group);
    await groupMembersPut(tx, { trustDomainId, group, at }, wanted);
    return {
      result: await groupsView(tx, trustDomainId, at),
      audit: {
        trustDomainId,
        entity: "approver_group",
        entityId: group,
        before: { members: before.map(({ userId }) => userId) },
        after: { members: wanted },
      },
    };
  },
});
