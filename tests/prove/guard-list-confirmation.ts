/** Guards of confirmations: strong roles are looked at by somebody else, and none is forgotten. */
import { type Guard, gone, guard } from "./guard.ts";

const CONFIRM = "lib/services/access/confirm-role.db.test.ts";
const SIGN_IN = "lib/services/user/sign-in-oidc.db.test.ts";
const MEASURE = "lib/services/compliance/confirmed-roles.db.test.ts";

export const CONFIRMATION_GUARDS: readonly Guard[] = [
  guard(
    "nobody confirms a role of their own",
    "lib/services/access/confirm-role.ts",
    "if (isSamePerson(actor, email))",
    gone,
    CONFIRM,
  ),
  guard(
    "two accounts of one mailbox do not make two people",
    "lib/services/access/same-person.ts",
    "personOf(actor.email) === personOf(email)",
    "actor.email === email",
    CONFIRM,
  ),
  guard(
    "a confirmation is of the caller's domains",
    "lib/services/access/confirm-role.ts",
    "actor.trustDomainIds.includes(trustDomainId) ? await roleGrantLock(tx, key) : undefined",
    "await roleGrantLock(tx, key)",
    CONFIRM,
  ),
  guard(
    "a confirmation is of a role that is held",
    "lib/services/access/confirm-role.ts",
    "if (!grant || (grant.expiresAt !== null && grant.expiresAt <= at))",
    "if (!grant)",
    CONFIRM,
  ),
  guard(
    "a confirmation is of strong roles only",
    "lib/contracts/strong-role.ts",
    "z.enum(STRONG_ROLES as readonly [Role, ...Role[]])",
    `z.enum(["analyst", "approver", "admin"])`,
    CONFIRM,
  ),
  guard(
    "a grant that is confirmed is locked",
    "db/queries/access.ts",
    `await tx.select().from(roleGrant).where(isGrant(key)).for("update")`,
    "await tx.select().from(roleGrant).where(isGrant(key))",
    CONFIRM,
  ),
  guard(
    "confirmations and past grants are not changed by requests",
    "db/migrations/0048_access_confirmation.sql",
    "REVOKE UPDATE, DELETE ON role_grant_past, access_confirmation FROM touchstone_app;",
    "",
    CONFIRM,
  ),
  guard(
    "the table of confirmations holds none of one's own",
    "db/migrations/0048_access_confirmation.sql",
    "CHECK (confirmed_by <> user_id)",
    "CHECK (true)",
    CONFIRM,
  ),
  guard(
    "a role that is given to oneself is known as such",
    "lib/services/access/grant-role.ts",
    "held.some(({ user }) => isSamePerson(actor, user.email))",
    "false as boolean",
    CONFIRM,
  ),
  guard(
    "a role of another account of one's own is known as such",
    "lib/services/user/create.ts",
    "ownGift: isSamePerson(actor, email),",
    "ownGift: false,",
    CONFIRM,
  ),
  guard(
    "giving a role again does not make it younger",
    "db/queries/access.ts",
    `set: { expiresAt, reviewFrom, reviewTo, origin: "local" },`,
    `set: { expiresAt, reviewFrom, reviewTo, createdAt, origin: "local" },`,
    CONFIRM,
  ),
  guard(
    "a role that had run out is another one when it is given again",
    "db/queries/access.ts",
    "  await roleGrantEnd(tx, and(isGrant(row), lte(roleGrant.expiresAt, createdAt)), createdAt);",
    "",
    CONFIRM,
  ),
  guard(
    "what groups gave is remembered",
    "db/queries/federated-user.ts",
    "  await roleGrantEnd(tx, which, at);",
    "  await tx.delete(roleGrant).where(which);",
    SIGN_IN,
  ),
  guard(
    "what was taken away is remembered",
    "db/queries/access.ts",
    "  await roleGrantEnd(tx, isGrant(key), at);",
    "  await tx.delete(roleGrant).where(isGrant(key));",
    CONFIRM,
  ),
  guard(
    "what was taken away is counted for the time when it was held",
    "db/queries/measure-access.ts",
    "SELECT trust_domain_id, user_id, role, own_gift, created_at, ended_at FROM role_grant_past",
    "SELECT trust_domain_id, user_id, role, own_gift, created_at, expires_at FROM role_grant WHERE false",
    MEASURE,
  ),
  guard(
    "what somebody gave to themselves is confirmed by nobody",
    "db/queries/measure-access.ts",
    "CASE WHEN NOT h.own_gift THEN h.created_at END",
    "h.created_at",
    MEASURE,
  ),
  guard(
    "a confirmation counts for the grant that was looked at",
    "db/queries/measure-access.ts",
    "a.given_at = h.created_at AND ",
    "",
    MEASURE,
  ),
  guard(
    "a confirmation counts for no period that was over before",
    "db/queries/measure-access.ts",
    "(a.at <= ",
    "(a.at IS NOT NULL OR a.at <= ",
    MEASURE,
  ),
];
