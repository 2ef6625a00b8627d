/** Requests of remediation, the votes on them and their executions. */
import { and, asc, eq, inArray, isNull, lte } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Conn, Tx } from "#db/client";
import { appUser } from "#db/schema/people";
import {
  execution,
  executionStep,
  remediationDelegation,
  remediationRequest,
  remediationReview,
  remediationTarget,
  remediationVote,
} from "#db/schema/remediation";
import type { RequestState } from "#lib/domain/remediation";
import type { Scope } from "./sql.ts";

export type RemediationRow = typeof remediationRequest.$inferSelect;
export type RemediationVoteRow = typeof remediationVote.$inferSelect & { email: string };
type Key = Pick<RemediationRow, "trustDomainId" | "id">;

const inScope = (scope: Scope, id: string) =>
  and(inArray(remediationRequest.trustDomainId, [...scope]), eq(remediationRequest.id, id));
const isRequest = ({ trustDomainId, id }: Key) =>
  and(eq(remediationRequest.trustDomainId, trustDomainId), eq(remediationRequest.id, id));

export async function remediationInsert(
  tx: Tx,
  row: typeof remediationRequest.$inferInsert,
  targets: readonly Omit<typeof remediationTarget.$inferInsert, "trustDomainId" | "requestId">[],
): Promise<void> {
  await tx.insert(remediationRequest).values(row);
  await remediationTargetsPut(tx, row, targets);
}

/** The targets of a request, in place of those that it had. */
export async function remediationTargetsPut(
  tx: Tx,
  { trustDomainId, id: requestId }: Key,
  targets: readonly Omit<typeof remediationTarget.$inferInsert, "trustDomainId" | "requestId">[],
): Promise<void> {
  await tx
    .delete(remediationTarget)
    .where(
      and(eq(remediationTarget.trustDomainId, trustDomainId), eq(remediationTarget.requestId, requestId)),
    );
  await tx
    .insert(remediationTarget)
    .values(targets.map((target) => ({ ...target, trustDomainId, requestId })));
}

/** `undefined` when there is none or it lies outside the scope; callers answer 404 for both. */
export async function remediationFind(
  conn: Conn,
  scope: Scope,
  id: string,
): Promise<RemediationRow | undefined> {
  const [row] = await conn.select().from(remediationRequest).where(inScope(scope, id));
  return row;
}

/** The latest version, locked until the transaction ends: all who would change it queue here. */
export async function remediationLock(tx: Tx, scope: Scope, id: string): Promise<RemediationRow | undefined> {
  const [row] = await tx.select().from(remediationRequest).where(inScope(scope, id)).for("update");
  return row;
}

/**
 * Change a request that nobody changed since it was read.
 *
 * @returns `null` when somebody did: the row's lock was not held
 */
export async function remediationUpdate(
  tx: Tx,
  row: Key & Pick<RemediationRow, "state" | "revision">,
  set: Partial<RemediationRow>,
): Promise<RemediationRow | null> {
  const [after] = await tx
    .update(remediationRequest)
    .set({ ...set, revision: row.revision + 1 })
    .where(
      and(
        isRequest(row),
        eq(remediationRequest.state, row.state),
        eq(remediationRequest.revision, row.revision),
      ),
    )
    .returning();
  return after ?? null;
}

export async function remediationTargets(conn: Conn, { trustDomainId, id }: Key) {
  return conn
    .select()
    .from(remediationTarget)
    .where(and(eq(remediationTarget.trustDomainId, trustDomainId), eq(remediationTarget.requestId, id)))
    .orderBy(asc(remediationTarget.displayName), asc(remediationTarget.nodeId));
}

export async function remediationVoteInsert(tx: Tx, row: typeof remediationVote.$inferInsert): Promise<void> {
  await tx.insert(remediationVote).values(row);
}

/** All votes ever on some requests, in the order in which they were given, with the accounts as they are now. */
export async function remediationVotes(conn: Conn, requests: readonly Key[]): Promise<RemediationVoteRow[]> {
  if (requests.length === 0) return [];
  const rows = await conn
    .select({ vote: remediationVote, email: appUser.email })
    .from(remediationVote)
    .innerJoin(appUser, eq(appUser.id, remediationVote.userId))
    .where(
      and(
        inArray(remediationVote.trustDomainId, domainsOf(requests)),
        inArray(remediationVote.requestId, idsOf(requests)),
      ),
    )
    .orderBy(asc(remediationVote.at), asc(remediationVote.person));
  return rows.map(({ vote, email }) => ({ ...vote, email }));
}

const domainsOf = (requests: readonly Key[]) => [
  ...new Set(requests.map(({ trustDomainId }) => trustDomainId)),
];
const idsOf = (requests: readonly Key[]) => requests.map(({ id }) => id);

export async function delegationInsert(
  tx: Tx,
  row: typeof remediationDelegation.$inferInsert,
): Promise<void> {
  await tx.insert(remediationDelegation).values(row);
}

export type DelegationRow = typeof remediationDelegation.$inferSelect & {
  fromEmail: string;
  toEmail: string;
};

export async function delegationList(conn: Conn, requests: readonly Key[]): Promise<DelegationRow[]> {
  if (requests.length === 0) return [];
  const [giver, taker] = [alias(appUser, "giver"), alias(appUser, "taker")];
  const rows = await conn
    .select({ row: remediationDelegation, fromEmail: giver.email, toEmail: taker.email })
    .from(remediationDelegation)
    .innerJoin(giver, eq(giver.id, remediationDelegation.fromUser))
    .innerJoin(taker, eq(taker.id, remediationDelegation.toUser))
    .where(
      and(
        inArray(remediationDelegation.trustDomainId, domainsOf(requests)),
        inArray(remediationDelegation.requestId, idsOf(requests)),
      ),
    )
    .orderBy(asc(remediationDelegation.at));
  return rows.map(({ row, ...emails }) => ({ ...row, ...emails }));
}

/** The key of the table is what makes a second execution of one request impossible. */
export async function executionInsert(tx: Tx, row: typeof execution.$inferInsert): Promise<void> {
  await tx.insert(execution).values(row);
}

export async function executionUpdate(
  tx: Tx,
  { trustDomainId, id }: Key,
  set: Partial<typeof execution.$inferSelect>,
): Promise<void> {
  await tx
    .update(execution)
    .set(set)
    .where(and(eq(execution.trustDomainId, trustDomainId), eq(execution.requestId, id)));
}

export async function executionFind(conn: Conn, { trustDomainId, id }: Key) {
  const [row] = await conn
    .select()
    .from(execution)
    .where(and(eq(execution.trustDomainId, trustDomainId), eq(execution.requestId, id)));
  return row;
}

export async function executionSteps(conn: Conn, { trustDomainId, id }: Key) {
  return conn
    .select()
    .from(executionStep)
    .where(and(eq(executionStep.trustDomainId, trustDomainId), eq(executionStep.requestId, id)))
    .orderBy(asc(executionStep.nodeId), asc(executionStep.ordinal));
}

export async function reviewInsert(tx: Tx, row: typeof remediationReview.$inferInsert): Promise<void> {
  await tx.insert(remediationReview).values(row);
}

export type ReviewRow = typeof remediationReview.$inferSelect & { email: string | null };

/** Reviews of those requests that need one. */
export async function reviewList(conn: Conn, requests: readonly Key[]): Promise<ReviewRow[]> {
  if (requests.length === 0) return [];
  const rows = await conn
    .select({ review: remediationReview, email: appUser.email })
    .from(remediationReview)
    .leftJoin(appUser, eq(appUser.id, remediationReview.reviewedBy))
    .where(
      and(
        inArray(remediationReview.trustDomainId, domainsOf(requests)),
        inArray(remediationReview.requestId, idsOf(requests)),
      ),
    );
  return rows.map(({ review, email }) => ({ ...review, email }));
}

export async function reviewFind(conn: Conn, request: Key): Promise<ReviewRow | undefined> {
  return (await reviewList(conn, [request]))[0];
}

/** Requests that nobody reviewed yet, soonest due first. */
export async function reviewsOpen(
  conn: Conn,
  scope: Scope,
  limit: number,
): Promise<{ request: RemediationRow; dueAt: Date }[]> {
  return conn
    .select({ request: remediationRequest, dueAt: remediationReview.dueAt })
    .from(remediationReview)
    .innerJoin(
      remediationRequest,
      and(
        eq(remediationRequest.trustDomainId, remediationReview.trustDomainId),
        eq(remediationRequest.id, remediationReview.requestId),
      ),
    )
    .where(and(inArray(remediationReview.trustDomainId, [...scope]), eq(remediationReview.state, "open")))
    .orderBy(asc(remediationReview.dueAt), asc(remediationReview.requestId))
    .limit(limit);
}

/** Ids of requests that nobody reviewed in time, and of which people were not told that, longest overdue first. */
export async function reviewsUntold(conn: Conn, scope: Scope, now: Date, limit: number): Promise<string[]> {
  const rows = await conn
    .select({ id: remediationReview.requestId })
    .from(remediationReview)
    .where(
      and(
        inArray(remediationReview.trustDomainId, [...scope]),
        eq(remediationReview.state, "open"),
        lte(remediationReview.dueAt, now),
        isNull(remediationReview.overdueToldAt),
      ),
    )
    .orderBy(asc(remediationReview.dueAt), asc(remediationReview.requestId))
    .limit(limit);
  return rows.map(({ id }) => id);
}

export async function reviewUpdate(
  tx: Tx,
  { trustDomainId, id }: Key,
  set: Partial<typeof remediationReview.$inferSelect>,
): Promise<void> {
  await tx
    .update(remediationReview)
    .set(set)
    .where(and(eq(remediationReview.trustDomainId, trustDomainId), eq(remediationReview.requestId, id)));
}

/** Open requests in some states, those first whose time ends first. */
export async function remediationsOpen(
  conn: Conn,
  scope: Scope,
  args: { states: readonly RequestState[]; endedBy?: Date; limit: number },
): Promise<RemediationRow[]> {
  const due = args.endedBy && lte(remediationRequest.expiresAt, args.endedBy);
  return conn
    .select()
    .from(remediationRequest)
    .where(
      and(
        inArray(remediationRequest.trustDomainId, [...scope]),
        inArray(remediationRequest.state, [...args.states]),
        isNull(remediationRequest.endedAt),
        due,
      ),
    )
    .orderBy(asc(remediationRequest.expiresAt), asc(remediationRequest.id))
    .limit(args.limit);
}

/** Accounts by id. */
export async function accountsOf(conn: Conn, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await conn
    .select({ id: appUser.id, email: appUser.email })
    .from(appUser)
    .where(inArray(appUser.id, [...new Set(ids)]));
  return new Map(rows.map(({ id, email }) => [id, email]));
}

/** Some requests, in no particular order. */
export async function remediationsByIds(
  conn: Conn,
  scope: Scope,
  ids: readonly string[],
): Promise<RemediationRow[]> {
  if (ids.length === 0) return [];
  return conn
    .select()
    .from(remediationRequest)
    .where(
      and(inArray(remediationRequest.trustDomainId, [...scope]), inArray(remediationRequest.id, [...ids])),
    );
}
