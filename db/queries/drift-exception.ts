/** Exceptions from baselines: differences that somebody decided to ignore, for a time. */
import { and, asc, eq, gt, inArray, isNull, lte, or, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Conn, Tx } from "#db/client";
import { baseline } from "#db/schema/baseline";
import { driftException } from "#db/schema/drift";
import { driftGroup } from "#db/schema/drift-group";
import { appUser } from "#db/schema/people";
import { instant, type Scope } from "./sql.ts";

export type ExceptionRow = typeof driftException.$inferSelect;
export type ListedException = ExceptionRow & {
  baselineName: string | null;
  createdByEmail: string | null;
  endedByEmail: string | null;
};

export async function exceptionInsert(tx: Tx, row: typeof driftException.$inferInsert): Promise<void> {
  await tx.insert(driftException).values(row);
}

export type ExceptionFilter = "live" | "unused" | "over" | "all";

const isLive = (now: Date) => and(isNull(driftException.endedAt), gt(driftException.expiresAt, now));

/** @param unusedSince live ones made at or before it that never matched are unused */
function filterOf(filter: ExceptionFilter, now: Date, unusedSince: Date) {
  switch (filter) {
    case "all":
      return undefined;
    case "live":
      return isLive(now);
    case "unused":
      return and(isLive(now), eq(driftException.matches, 0), lte(driftException.createdAt, unusedSince));
    case "over":
      return or(sql`${driftException.endedAt} IS NOT NULL`, lte(driftException.expiresAt, now));
  }
}

/** Exceptions, those that expire first before others; what is over comes last. */
export async function exceptionList(
  conn: Conn,
  scope: Scope,
  args: { filter: ExceptionFilter; now: Date; unusedSince: Date; limit: number },
): Promise<ListedException[]> {
  const maker = alias(appUser, "maker");
  const ender = alias(appUser, "ender");
  const over = sql`(${driftException.endedAt} IS NOT NULL OR ${driftException.expiresAt} <= ${instant(args.now)})`;
  const rows = await conn
    .select({ row: driftException, baselineName: baseline.name, maker: maker.email, ender: ender.email })
    .from(driftException)
    .leftJoin(
      baseline,
      and(
        eq(baseline.trustDomainId, driftException.trustDomainId),
        eq(baseline.id, driftException.baselineId),
      ),
    )
    .leftJoin(maker, eq(maker.id, driftException.createdBy))
    .leftJoin(ender, eq(ender.id, driftException.endedBy))
    .where(
      and(
        inArray(driftException.trustDomainId, [...scope]),
        filterOf(args.filter, args.now, args.unusedSince),
      ),
    )
    .orderBy(over, asc(driftException.expiresAt), asc(driftException.id))
    .limit(args.limit);
  return rows.map(({ row, baselineName, maker: made, ender: ended }) => ({
    ...row,
    baselineName,
    createdByEmail: made,
    endedByEmail: ended,
  }));
}

/** How many there are of each kind. */
export async function exceptionCounts(
  conn: Conn,
  scope: Scope,
  now: Date,
  unusedSince: Date,
): Promise<Record<ExceptionFilter, number>> {
  const count = (filter: ExceptionFilter) =>
    conn.$count(
      driftException,
      and(inArray(driftException.trustDomainId, [...scope]), filterOf(filter, now, unusedSince)),
    );
  return {
    live: await count("live"),
    unused: await count("unused"),
    over: await count("over"),
    all: await count("all"),
  };
}

/** The domain of an exception; `undefined` when there is none in the scope. */
export async function exceptionDomain(conn: Conn, scope: Scope, id: string): Promise<string | undefined> {
  const [row] = await conn
    .select({ trustDomainId: driftException.trustDomainId })
    .from(driftException)
    .where(and(inArray(driftException.trustDomainId, [...scope]), eq(driftException.id, id)));
  return row?.trustDomainId;
}

/** Locked until the transaction ends; `undefined` when there is none in the scope. */
export async function exceptionLock(tx: Tx, scope: Scope, id: string): Promise<ExceptionRow | undefined> {
  const [row] = await tx
    .select()
    .from(driftException)
    .where(and(inArray(driftException.trustDomainId, [...scope]), eq(driftException.id, id)))
    .for("update");
  return row;
}

export async function exceptionEnd(
  tx: Tx,
  { trustDomainId, id }: Pick<ExceptionRow, "trustDomainId" | "id">,
  ended: { endedAt: Date; endedBy: string },
): Promise<void> {
  await tx
    .update(driftException)
    .set(ended)
    .where(and(eq(driftException.trustDomainId, trustDomainId), eq(driftException.id, id)));
}

/** Open changes that look like an attack, whatever their baseline. */
export async function openMalicious(
  conn: Conn,
  trustDomainId: string,
): Promise<{ id: string; path: string; baselineId: string }[]> {
  return conn
    .select({ id: driftGroup.id, path: driftGroup.path, baselineId: driftGroup.baselineId })
    .from(driftGroup)
    .where(
      and(
        eq(driftGroup.trustDomainId, trustDomainId),
        isNull(driftGroup.endedAt),
        eq(driftGroup.worst, "malicious_like"),
        inArray(driftGroup.state, ["undecided", "regressed", "remediating"]),
      ),
    );
}
