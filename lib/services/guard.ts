/** The permission check of use cases that only read. */
import { can, narrowed, type Permission } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "./context.ts";

/**
 * Which trust domains the caller may read in: those where one of its roles holds the permission.
 *
 * @throws {ProblemError} `auth/forbidden` when the role lacks the permission
 */
export function readScope(ctx: ServiceContext, permission: Permission): readonly string[] {
  if (!can(ctx.actor, permission)) throw new ProblemError("auth/forbidden", "Your role does not allow this.");
  return narrowed(ctx.actor, permission).trustDomainIds;
}
