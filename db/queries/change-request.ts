/** Change requests and the votes on them. */
import { and, asc, desc, eq, gt, inArray, isNull, lte, ne, or, type SQL, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { changeRequest, changeRequestVote } from "#db/schema/change-request";
import { appUser, roleGrant } from "#db/schema/people";
import { instant, type Scope } from "./sql.ts";

export type ChangeRow = typeof changeRequest.$inferSelect;
export type ListedChange = ChangeRow & { email: string };
export type VoteRow = typeof changeRequestVote.$inferSelect & { email: string };

const inScope = (scope: Scope, id: string) =>
  and(inArray(changeRequest.trustDomainId, [...scope]), eq(changeRequest.id, id));

export async function changeInsert(tx: Tx, row: typeof changeRequest.$inferInsert): Promise<void> {
  await tx.insert(changeRequest).values(row);
}

/** `undefined` when there is none or it lies outside the scope; callers answer 404 for both. */
export async function changeFind(conn: Conn, scope: Scope, id: string): Promise<ListedChange | undefined> {
  const [row] = await conn
    .select({ change: changeRequest, email: appUser.email })
    .from(changeRequest)
    .innerJoin(appUser, eq(appUser.id, changeRequest.proposedBy))
    .where(inScope(scope, id));
  return row && { ...row.change, email: row.email };
}

/** The latest version, locked until the transaction ends: two people who vote together queue here. */
export async function changeLock(tx: Tx, scope: Scope, id: string): Promise<ChangeRow | undefined> {
  const [row] = await tx.select().from(changeRequest).where(inScope(scope, id)).for("update");
  return row;
}

export async function changeSetState(
  tx: Tx,
  { trustDomainId, id }: Pick<ChangeRow, "trustDomainId" | "id">,
  state: string,
  decidedAt: Date,
): Promise<void> {
  await tx
    .update(changeRequest)
    .set({ state, decidedAt })
    .where(and(eq(changeRequest.trustDomainId, trustDomainId), eq(changeRequest.id, id)));
}

export async function voteInsert(tx: Tx, row: typeof changeRequestVote.$inferInsert): Promise<void> {
  await tx.insert(changeRequestVote).values(row);
}

export async function voteList(conn: Conn, scope: Scope, requestId: string): Promise<VoteRow[]> {
  const rows = await conn
    .select({ vote: changeRequestVote, email: appUser.email })
    .from(changeRequestVote)
    .innerJoin(appUser, eq(appUser.id, changeRequestVote.userId))
    .where(
      and(inArray(changeRequestVote.trustDomainId, [...scope]), eq(changeRequestVote.requestId, requestId)),
    )
    .orderBy(asc(changeRequestVote.at));
  return rows.map(({ vote, email }) => ({ ...vote, email }));
}

/** Requests whose time is over and that nobody wrote down yet. */
export async function changesOverdue(conn: Conn, scope: Scope, now: Date, limit: number): Promise<string[]> {
  const rows = await conn
    .select({ id: changeRequest.id })
    .from(changeRequest)
    .where(
      and(
        inArray(changeRequest.trustDomainId, [...scope]),
        eq(changeRequest.state, "pending"),
        lte(changeRequest.expiresAt, now),
      ),
    )
    .orderBy(changeRequest.expiresAt)
    .limit(limit);
  return rows.map(({ id }) => id);
}

const PENDING = eq(changeRequest.state, "pending");

/** Still open, and proposed by somebody else. */
const waitingFor = (person: string, now: Date) =>
  and(PENDING, gt(changeRequest.expiresAt, now), ne(changeRequest.proposer, person));

export type ChangeFilter = "all" | "waiting" | "mine" | "done";

function filterOf(filter: ChangeFilter, person: string, now: Date): SQL | undefined {
  switch (filter) {
    case "all":
      return undefined;
    case "waiting":
      return waitingFor(person, now);
    case "mine":
      return eq(changeRequest.proposer, person);
    case "done":
      return or(ne(changeRequest.state, "pending"), lte(changeRequest.expiresAt, now));
  }
}

/** Where a page ended. */
export type ChangeKey = { atMs: number; id: string };

/**
 * One page of requests, last proposed first; the id breaks ties.
 *
 * @param limit page size; one extra row is read to learn whether a next page exists
 */
export async function changeList(
  conn: Conn,
  scope: Scope,
  args: { filter: ChangeFilter; person: string; now: Date; after: ChangeKey | null; limit: number },
): Promise<{ items: ListedChange[]; next: ChangeKey | null }> {
  const { filter, person, now, after, limit } = args;
  const rows = await conn
    .select({ change: changeRequest, email: appUser.email })
    .from(changeRequest)
    .innerJoin(appUser, eq(appUser.id, changeRequest.proposedBy))
    .where(
      and(
        inArray(changeRequest.trustDomainId, [...scope]),
        filterOf(filter, person, now),
        after
          ? sql`(${changeRequest.proposedAt} < ${instant(new Date(after.atMs))}
              OR (${changeRequest.proposedAt} = ${instant(new Date(after.atMs))} AND ${changeRequest.id} > ${after.id}::uuid))`
          : undefined,
      ),
    )
    .orderBy(desc(changeRequest.proposedAt), asc(changeRequest.id))
    .limit(limit + 1);
  const items = rows.slice(0, limit).map(({ change, email }) => ({ ...change, email }));
  const last = items.at(-1);
  return {
    items,
    next: rows.length > limit && last ? { atMs: last.proposedAt.getTime(), id: last.id } : null,
  };
}

/** How many requests wait for somebody other than this person. */
export async function changesWaiting(conn: Conn, scope: Scope, person: string, now: Date): Promise<number> {
  return conn.$count(
    changeRequest,
    and(inArray(changeRequest.trustDomainId, [...scope]), waitingFor(person, now)),
  );
}

/**
 * An account's e-mail and grants as they are now, held until the transaction ends: who is disabled or
 * loses a role meanwhile waits for the vote or is seen by it.
 *
 * @returns `null` when the account is unknown or disabled
 */
export async function voterLock(
  tx: Tx,
  userId: string,
  now: Date,
): Promise<{ email: string; grants: { trustDomainId: string; role: string }[] } | null> {
  const [user] = await tx
    .select({ email: appUser.email, disabledAt: appUser.disabledAt })
    .from(appUser)
    .where(eq(appUser.id, userId))
    .for("share");
  if (!user || user.disabledAt) return null;
  const grants = await tx
    .select({ trustDomainId: roleGrant.trustDomainId, role: roleGrant.role })
    .from(roleGrant)
    .where(
      and(
        eq(roleGrant.userId, userId),
        or(isNull(roleGrant.expiresAt), gt(roleGrant.expiresAt, now)),
        // Who is here to review a period is asked nothing and told nothing.
        isNull(roleGrant.reviewFrom),
      ),
    )
    .for("share");
  return { email: user.email, grants };
}
