/** Audit entries for people: found by who, what, where and when, last one first. */
import { and, desc, eq, gte, ilike, inArray, lt, or, type SQL, sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import { auditLeaf } from "#db/schema/audit-log";
import { appUser, auditEntry } from "#db/schema/people";
import { serviceAccount } from "#db/schema/service-account";
import type { AuditEntryRow } from "./audit.ts";
import type { AuditedIds } from "./audit-object.ts";
import { containing, instant, type Scope } from "./sql.ts";

/**
 * `seq` = place in the log; `null` = not taken in yet. `name` = e-mail of a person, or name of a service account,
 * that acted.
 */
export type ListedEntry = AuditEntryRow & { seq: number | null; name: string | null };

export type AuditFilter = {
  /** Id of one entry. */
  entry?: string | undefined;
  object?: AuditedIds | undefined;
  /** Part of a person's e-mail or of a service account's name, or an actor's id. */
  actor?: string | undefined;
  /** The action or its beginning up to a dot. */
  action?: string | undefined;
  entity?: string | undefined;
  entityId?: string | undefined;
  outcome?: string | undefined;
  address?: string | undefined;
  requestId?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
};

/** Where a page ended. */
export type AuditKey = { atMs: number; id: string };

const COLUMNS = {
  entry: auditEntry,
  seq: auditLeaf.leafIndex,
  email: appUser.email,
  service: serviceAccount.name,
};

/** @param limit page size; one extra row is read to learn whether a next page exists */
export async function auditList(
  conn: Conn,
  scope: Scope,
  args: { filter: AuditFilter; after: AuditKey | null; limit: number },
): Promise<{ items: ListedEntry[]; next: AuditKey | null }> {
  const { filter, after, limit } = args;
  const rows = await conn
    .select(COLUMNS)
    .from(auditEntry)
    .leftJoin(auditLeaf, inLog)
    .leftJoin(appUser, isActor)
    .leftJoin(serviceAccount, isService)
    .where(and(inArray(auditEntry.trustDomainId, [...scope]), matches(filter), behind(after)))
    .orderBy(desc(auditEntry.at), auditEntry.id)
    .limit(limit + 1);
  const items = rows
    .slice(0, limit)
    .map(({ entry, seq, email, service }) => ({ ...entry, seq, name: email ?? service }));
  const last = items.at(-1);
  return { items, next: rows.length > limit && last ? { atMs: last.at.getTime(), id: last.id } : null };
}

/** The entry at a place of a domain's log. */
export async function auditAt(
  conn: Conn,
  scope: Scope,
  args: { trustDomainId: string; seq: number },
): Promise<AuditEntryRow | undefined> {
  const [row] = await conn
    .select({ entry: auditEntry })
    .from(auditLeaf)
    .innerJoin(auditEntry, inLog)
    .where(
      and(
        inArray(auditLeaf.trustDomainId, [...scope]),
        eq(auditLeaf.trustDomainId, args.trustDomainId),
        eq(auditLeaf.leafIndex, args.seq),
      ),
    );
  return row?.entry;
}

const inLog = and(
  eq(auditLeaf.trustDomainId, auditEntry.trustDomainId),
  eq(auditLeaf.entryId, auditEntry.id),
);
const isActor = and(eq(auditEntry.actorKind, "user"), sql`${appUser.id}::text = ${auditEntry.actorId}`);

const isService = and(
  eq(auditEntry.actorKind, "service"),
  sql`${serviceAccount.id}::text = ${auditEntry.actorId}`,
);

function behind(after: AuditKey | null): SQL | undefined {
  if (!after) return undefined;
  const at = instant(new Date(after.atMs));
  return sql`(${auditEntry.at} < ${at} OR (${auditEntry.at} = ${at} AND ${auditEntry.id} > ${after.id}::uuid))`;
}

function matches(filter: AuditFilter): SQL | undefined {
  const { entry, object, actor, action, entity, entityId, outcome, address, requestId, from, to } = filter;
  return and(
    entry ? eq(auditEntry.id, entry) : undefined,
    object ? isAbout(object) : undefined,
    actor
      ? or(
          eq(auditEntry.actorId, actor),
          ilike(appUser.email, containing(actor)),
          ilike(serviceAccount.name, containing(actor)),
        )
      : undefined,
    action
      ? or(eq(auditEntry.action, action), sql`starts_with(${auditEntry.action}, ${`${action}.`})`)
      : undefined,
    entity ? eq(auditEntry.entity, entity) : undefined,
    entityId ? eq(auditEntry.entityId, entityId) : undefined,
    outcome ? eq(auditEntry.outcome, outcome) : undefined,
    address ? eq(auditEntry.address, address) : undefined,
    requestId ? eq(auditEntry.requestId, requestId) : undefined,
    from ? gte(auditEntry.at, from) : undefined,
    to ? lt(auditEntry.at, to) : undefined,
  );
}

function isAbout({ ids, policyName }: AuditedIds): SQL | undefined {
  const named = policyName
    ? and(eq(auditEntry.entity, "policy"), eq(auditEntry.entityId, policyName))
    : undefined;
  return or(inArray(auditEntry.entityId, [...ids]), named);
}
