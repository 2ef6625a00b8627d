/** Which roles the groups of the identity provider give. */
import { groupRoleDelete, groupRoleInsert, groupRoleList } from "#db/queries/access";
import { GroupRoleBody, type GroupRoleList } from "#lib/contracts/access";
import type { Role } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";

/** @param provider what is configured, from the composition root; `null` = nothing */
export async function groupRoles(
  ctx: ServiceContext,
  provider: GroupRoleList["provider"],
): Promise<GroupRoleList> {
  const rows = await groupRoleList(ctx.db, readScope(ctx, "user:read"));
  return {
    provider,
    items: rows.map(({ rule, trustDomain }) => ({
      trustDomainId: rule.trustDomainId,
      trustDomain,
      group: rule.groupName,
      role: rule.role as Role,
      createdAt: rule.createdAt.toISOString(),
    })),
  };
}

/**
 * From each member's next sign-in on.
 *
 * @throws {ProblemError} `domain/not-found`, `group-role/exists`
 */
export const addGroupRole = command({
  name: "group_role.add",
  permission: "user:manage",
  input: GroupRoleBody,
  target: ({ group }) => group,
  async run(tx, { actor, now }, { trustDomainId, group, role }) {
    if (!actor.trustDomainIds.includes(trustDomainId))
      throw new ProblemError("domain/not-found", `No trust domain ${trustDomainId}.`);
    const row = { trustDomainId, groupName: group, role, createdAt: now() };
    if (!(await groupRoleInsert(tx, row)))
      throw new ProblemError("group-role/exists", "The group gives this role there already.");
    const after = { group, role };
    const audit = { trustDomainId, entity: "group_role", entityId: group, before: null, after };
    return { result: undefined, audit };
  },
});

/**
 * From each member's next sign-in on; what they hold until then stays.
 *
 * @throws {ProblemError} `group-role/not-found`
 */
export const removeGroupRole = command({
  name: "group_role.remove",
  permission: "user:manage",
  input: GroupRoleBody,
  target: ({ group }) => group,
  async run(tx, { actor }, { trustDomainId, group, role }) {
    const found =
      actor.trustDomainIds.includes(trustDomainId) &&
      (await groupRoleDelete(tx, { trustDomainId, groupName: group, role }));
    if (!found) throw new ProblemError("group-role/not-found", "There is no such rule.");
    const before = { group, role };
    const audit = { trustDomainId, entity: "group_role", entityId: group, before, after: null };
    return { result: undefined, audit };
  },
});
