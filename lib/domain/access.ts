/**
 * Who may do what: verbs × roles × trust domains, the one table behind the server check, the UI and the docs.
 *
 * Deny by default: a verb that is not listed for a role is refused, and a role counts in the subtrees of trust
 * domains that it was granted for and nowhere else.
 */

import { REVIEW_VERBS, type ReviewPeriod } from "./review.ts";

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
  "policy:read": ["viewer", "auditor", "analyst", "approver", "admin"],
  "policy:write": ["analyst", "approver", "admin"],
  "policy:except": ["approver", "admin"],
  "policy:rollback": ["approver", "admin"],
  "node:expect": ["analyst", "approver", "admin"],
  "user:read": ["auditor", "admin"],
  "node:label": ["analyst", "approver", "admin"],
  "baseline:read": ["viewer", "auditor", "analyst", "approver", "admin"],
  "baseline:draft": ["analyst", "approver", "admin"],
  "audit:read": ["auditor", "admin"],
  "audit:manage": ["admin"],
  "export:read": ["auditor", "analyst", "approver", "admin"],
  "sink:read": ["auditor", "admin"],
  "sink:manage": ["admin"],
  "user:manage": ["admin"],
  "domain:manage": ["admin"],
  "drift:read": ["auditor", "analyst", "approver", "admin"],
  "drift:triage": ["analyst", "approver", "admin"],
  "exception:manage": ["approver", "admin"],
  "window:manage": ["approver", "admin"],
  "drift:tune": ["admin"],
  "connector:read": ["auditor", "analyst", "approver", "admin"],
  "connector:manage": ["admin"],
  "incident:handle": ["analyst", "approver", "admin"],
  "remediation:read": ["auditor", "analyst", "approver", "admin"],
  "remediation:request": ["analyst", "approver", "admin"],
  "remediation:decide": ["approver", "admin"],
  "remediation:break_glass": ["approver", "admin"],
  "remediation:operate": ["approver", "admin"],
  "remediation:pause": ["approver", "admin"],
  "remediation:configure": ["admin"],
  "notification:read": ["auditor", "analyst", "approver", "admin"],
  "notification:acknowledge": ["analyst", "approver", "admin"],
  "notification:manage": ["admin"],
  "admission:ask": ["viewer", "auditor", "analyst", "approver", "admin"],
  "admission:manage": ["admin"],
  "compliance:read": ["auditor", "analyst", "approver", "admin"],
  "compliance:manage": ["approver", "admin"],
  "notify:read": ["auditor", "analyst", "approver", "admin"],
  "notify:handle": ["analyst", "approver", "admin"],
  "notify:manage": ["admin"],
  "account:own": ["viewer", "auditor", "analyst", "approver", "admin"],
  "ingest:write": [],
  "ingest:backfill": [],
} as const satisfies Record<string, readonly Role[]>;
export type Permission = keyof typeof PERMISSIONS;

/**
 * Verbs that only people hold: a second pair of eyes, what wants fresh proof of who is there, and what is decided in
 * somebody's name. No role gives them to a service account.
 */
export const PERSON_VERBS = [
  "change:propose",
  "change:decide",
  "enrolment:decide",
  "drift:triage",
  "exception:manage",
  "incident:handle",
  "connector:manage",
  "notification:acknowledge",
  "compliance:manage",
  "notify:handle",
  "user:manage",
  "domain:manage",
  "audit:manage",
  "remediation:request",
  "remediation:decide",
  "remediation:break_glass",
  "remediation:operate",
  "remediation:pause",
  "remediation:configure",
  "admission:manage",
  "sink:manage",
  "account:own",
] as const satisfies readonly Permission[];

/** Verbs that a key or a workload token of a service account can be made for. */
export const SERVICE_VERBS: readonly Permission[] = (Object.keys(PERMISSIONS) as Permission[]).filter(
  (verb) => PERMISSIONS[verb].length > 0 && !(PERSON_VERBS as readonly Permission[]).includes(verb),
);

/** What makes a role strong: whoever holds one of these approves, executes or administers. */
const STRONG_VERBS = [
  "change:decide",
  "remediation:decide",
  "remediation:operate",
  "remediation:break_glass",
  "user:manage",
  "domain:manage",
] as const satisfies readonly Permission[];

/** Roles of people that somebody else has to confirm again and again. */
export const STRONG_ROLES: readonly Role[] = ROLES.filter((role) =>
  STRONG_VERBS.some((verb) => (PERMISSIONS[verb] as readonly Role[]).includes(role)),
);

/** Longest time for which an auditor from outside is let in. Milliseconds. */
export const INVITE_MAX_MS = 90 * 86_400_000;

/** How fresh the proof of who is there must be for a verb that wants it. Milliseconds. */
export const STEP_UP_MS = 5 * 60_000;

/** A role and every domain where it counts now: the granted ones first, then what lies below them. */
export type Grant = { role: Role; trustDomainIds: readonly string[] };

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
      /** The strongest role that is held anywhere; for display. What counts are the grants. */
      role: Role;
      trustDomainIds: readonly string[];
      /** Absent = the role counts in all of `trustDomainIds`. */
      grants?: readonly Grant[];
      mustChangePassword: boolean;
      /** The only period that the person may look at; absent = whenever. */
      review?: ReviewPeriod;
      /** When the person last proved who they are; absent = nobody knows, which is never fresh. */
      authenticatedAtMs?: number;
    }
  | {
      kind: "api_key";
      id: string;
      sourceId: string;
      scopes: readonly ApiKeyScope[];
      trustDomainIds: readonly string[];
    }
  /** A program that signs in by a key or a workload token of its own; its grants count as far as the scopes go. */
  | {
      kind: "service";
      id: string;
      name: string;
      /** The strongest one; for display. */
      role: Role;
      trustDomainIds: readonly string[];
      grants: readonly Grant[];
      scopes: readonly Permission[];
    }
  /** Our own launcher, worker or command line, on the machine that holds the database. */
  | { kind: "system"; id: string; trustDomainIds: readonly string[] };

/**
 * Whether the actor holds a permission at all, in some domain; in which ones, {@link narrowed} says.
 *
 * Total over actor kinds: there is no kind that passes unchecked.
 */
export function can(actor: Actor, permission: Permission): boolean {
  switch (actor.kind) {
    case "user":
      return reviews(actor, permission) && grantsOf(actor).some(({ role }) => holds(role, permission));
    case "api_key":
      return (actor.scopes as readonly Permission[]).includes(permission);
    case "service":
      return reaches(actor, permission) && actor.grants.some(({ role }) => holds(role, permission));
    case "system":
      return true;
  }
}

function holds(role: Role, permission: Permission): boolean {
  return (PERMISSIONS[permission] as readonly Role[]).includes(role);
}

/** Whether what the service account signed in with was made for the verb, and the verb is open to it at all. */
function reaches({ scopes }: Extract<Actor, { kind: "service" }>, permission: Permission): boolean {
  return scopes.includes(permission) && SERVICE_VERBS.includes(permission);
}

/** Whether a verb is open to the person: every one, but for those who are here to review a period. */
function reviews({ review }: Extract<Actor, { kind: "user" }>, permission: Permission): boolean {
  return review === undefined || REVIEW_VERBS.includes(permission);
}

/** The period that the caller is kept to; `null` = none. */
export function reviewOf(actor: Actor): ReviewPeriod | null {
  return actor.kind === "user" ? (actor.review ?? null) : null;
}

/** Those who hold roles. */
type Grantee = Extract<Actor, { kind: "user" | "service" }>;
const isGrantee = (actor: Actor): actor is Grantee => actor.kind === "user" || actor.kind === "service";

/** What somebody was granted, each role with its domains. */
function grantsOf(actor: Grantee): readonly Grant[] {
  return actor.grants ?? [{ role: actor.role, trustDomainIds: actor.trustDomainIds }];
}

/** The actor with only the domains in which it holds the permission. */
export function narrowed(actor: Actor, permission: Permission): Actor {
  if (!isGrantee(actor)) return actor;
  if (actor.kind === "service" && !reaches(actor, permission)) return withGrants(actor, []);
  if (actor.kind === "user" && !reviews(actor, permission)) return withGrants(actor, []);
  return withGrants(
    actor,
    grantsOf(actor).filter(({ role }) => holds(role, permission)),
  );
}

/**
 * The actor as if it held the permission wherever it sees anything; the same one when it does. To tell what is
 * forbidden from what does not exist, and for nothing else.
 */
export function widened(actor: Actor, permission: Permission): Actor {
  if (!isGrantee(actor)) return actor;
  const [role] = PERMISSIONS[permission] as readonly Role[];
  const { trustDomainIds } = actor;
  if (!role || narrowed(actor, permission).trustDomainIds.length === trustDomainIds.length) return actor;
  return { ...actor, grants: [{ role, trustDomainIds }] };
}

/** The actor with only those of its domains that are named: what a person chose to look at. */
export function within(actor: Actor, domains: readonly string[]): Actor {
  const chosen = new Set(domains);
  const inside = (ids: readonly string[]) => ids.filter((id) => chosen.has(id));
  if (!isGrantee(actor)) return { ...actor, trustDomainIds: inside(actor.trustDomainIds) };
  const grants = grantsOf(actor).map(({ role, trustDomainIds }) => ({
    role,
    trustDomainIds: inside(trustDomainIds),
  }));
  return withGrants(
    actor,
    grants.filter(({ trustDomainIds }) => trustDomainIds.length > 0),
  );
}

function withGrants(actor: Grantee, grants: readonly Grant[]): Actor {
  const trustDomainIds = [...new Set(grants.flatMap((grant) => grant.trustDomainIds))];
  return { ...actor, grants, trustDomainIds };
}

/**
 * Whether somebody may give a service account a role in a domain: only with every verb of it that a service account
 * can use, held there by the giver.
 */
export function mayGrantService(actor: Actor, role: Role, trustDomainId: string): boolean {
  return SERVICE_VERBS.filter((verb) => holds(role, verb)).every((verb) =>
    mayScopeService(actor, verb, trustDomainId),
  );
}

/** Whether somebody may make a key or trust with a verb for a service account of a domain: held there by the maker. */
export function mayScopeService(actor: Actor, verb: Permission, trustDomainId: string): boolean {
  return can(actor, verb) && narrowed(actor, verb).trustDomainIds.includes(trustDomainId);
}

/** Whether the person proved who they are a short while ago; nobody else can. */
export function isFresh(actor: Actor, nowMs: number): boolean {
  if (actor.kind !== "user" || actor.authenticatedAtMs === undefined) return false;
  const ageMs = nowMs - actor.authenticatedAtMs;
  return ageMs >= 0 && ageMs <= STEP_UP_MS;
}
