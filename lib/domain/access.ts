/**
 * Who may do what: verbs × roles, the one table behind the server check, the UI and the docs.
 *
 * Deny by default: a verb that is not listed for a role is refused.
 */

export const ROLES = ["viewer", "auditor", "analyst", "approver", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Every verb with the roles that hold it. */
export const PERMISSIONS = {
  "fleet:read": ["viewer", "auditor", "analyst", "approver", "admin"],
  "evidence:read": ["auditor", "analyst", "approver", "admin"],
  "lifecycle:retry": ["analyst", "approver", "admin"],
  "source:read": ["viewer", "auditor", "analyst", "approver", "admin"],
  "source:manage": ["admin"],
  "retention:manage": ["admin"],
  "rejected:read": ["auditor", "analyst", "approver", "admin"],
  "change:read": ["auditor", "analyst", "approver", "admin"],
  "change:propose": ["analyst", "approver", "admin"],
  "change:decide": ["approver", "admin"],
  "identity:settle": ["analyst", "approver", "admin"],
  "enrolment:pause": ["analyst", "approver", "admin"],
  "enrolment:decide": ["approver", "admin"],
  "event:link": ["analyst", "approver", "admin"],
  "node:expect": ["analyst", "approver", "admin"],
  "audit:read": ["auditor", "admin"],
  "audit:manage": ["admin"],
  "user:manage": ["admin"],
  "account:own": ["viewer", "auditor", "analyst", "approver", "admin"],
  "ingest:write": [],
  "ingest:backfill": [],
} as const satisfies Record<string, readonly Role[]>;
export type Permission = keyof typeof PERMISSIONS;

/** Scopes that an API key can hold; they are permissions under the same names. */
export const API_KEY_SCOPES = ["ingest:write", "ingest:backfill"] as const satisfies readonly Permission[];
export type ApiKeyScope = (typeof API_KEY_SCOPES)[number];

/** Someone (or something) that asks. `trustDomainIds` are all domains it may see. */
export type Actor =
  | {
      kind: "user";
      id: string;
      sessionId: string;
      email: string;
      role: Role;
      trustDomainIds: readonly string[];
      mustChangePassword: boolean;
    }
  | {
      kind: "api_key";
      id: string;
      sourceId: string;
      scopes: readonly ApiKeyScope[];
      trustDomainIds: readonly string[];
    }
  /** Our own launcher, worker or command line, on the machine that holds the database. */
  | { kind: "system"; id: string; trustDomainIds: readonly string[] };

/**
 * Whether the actor holds a permission at all; which rows it may touch is the scope's matter.
 *
 * Total over actor kinds: there is no kind that passes unchecked.
 */
export function can(actor: Actor, permission: Permission): boolean {
  switch (actor.kind) {
    case "user":
      return (PERMISSIONS[permission] as readonly Role[]).includes(actor.role);
    case "api_key":
      return (actor.scopes as readonly Permission[]).includes(permission);
    case "system":
      return true;
  }
}
