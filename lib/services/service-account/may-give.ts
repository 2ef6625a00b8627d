/** What somebody may pass on to a program: never more than they hold where it will count. */
import { type Actor, mayGrantService, mayScopeService, type Permission, type Role } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";

/** @throws {ProblemError} `service-account/beyond-maker` */
export function requireMayGrant(actor: Actor, role: Role, trustDomainId: string): void {
  if (mayGrantService(actor, role, trustDomainId)) return;
  throw new ProblemError("service-account/beyond-maker", `You do not hold all that ${role} may do there.`);
}

/** @throws {ProblemError} `service-account/beyond-maker` */
export function requireMayScope(actor: Actor, scopes: readonly Permission[], trustDomainId: string): void {
  const beyond = scopes.find((verb) => !mayScopeService(actor, verb, trustDomainId));
  if (beyond === undefined) return;
  throw new ProblemError("service-account/beyond-maker", `You do not hold ${beyond} there yourself.`);
}
