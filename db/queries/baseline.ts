/** Baselines, their versions and their rollouts, as people read and change them. */
import { and, asc, desc, eq, gt, inArray, isNull, or, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { baseline, baselineRollout, baselineVersion } from "#db/schema/baseline";
import { appUser } from "#db/schema/people";
import { source } from "#db/schema/source";
import type { Scope } from "./sql.ts";

export type BaselineRow = typeof baseline.$inferSelect;
export type VersionRow = typeof baselineVersion.$inferSelect;
export type RolloutRow = typeof baselineRollout.$inferSelect;
export type ListedBaseline = BaselineRow & { sourceName: string | null; createdByEmail: string | null };
export type ListedVersion = VersionRow & { authorEmail: string | null };

/** Names one version. */
export type VersionId = { trustDomainId: string; baselineId: string; version: number };
type BaselineId = Omit<VersionId, "version">;

/** @returns whether it was stored; `false` when the name is taken */
export async function baselineInsert(tx: Tx, row: typeof baseline.$inferInsert): Promise<boolean> {
  const stored = await tx
    .insert(baseline)
    .values(row)
    .onConflictDoNothing({ target: [baseline.trustDomainId, baseline.name] })
    .returning({ id: baseline.id });
  return stored.length > 0;
}

/** All baselines of the scope by name. */
export async function baselineList(conn: Conn, scope: Scope): Promise<ListedBaseline[]> {
  const rows = await listed(conn).where(
    and(inArray(baseline.trustDomainId, [...scope]), isNull(baseline.archivedAt)),
  );
  return rows.map(flat).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** `undefined` when there is none or it lies outside the scope; callers answer 404 for both. */
export async function baselineFind(
  conn: Conn,
  scope: Scope,
  id: string,
): Promise<ListedBaseline | undefined> {
  const [row] = await listed(conn).where(
    and(inArray(baseline.trustDomainId, [...scope]), eq(baseline.id, id)),
  );
  return row && flat(row);
}

const listed = (conn: Conn) =>
  conn
    .select({ baseline, sourceName: source.name, createdByEmail: appUser.email })
    .from(baseline)
    .leftJoin(source, and(eq(source.trustDomainId, baseline.trustDomainId), eq(source.id, baseline.sourceId)))
    .leftJoin(appUser, eq(appUser.id, baseline.createdBy));

const flat = (row: {
  baseline: BaselineRow;
  sourceName: string | null;
  createdByEmail: string | null;
}): ListedBaseline => ({
  ...row.baseline,
  sourceName: row.sourceName,
  createdByEmail: row.createdByEmail,
});

/** Held until the transaction ends: whoever adds versions or changes rollouts queues here. */
export async function baselineLock(tx: Conn, scope: Scope, id: string): Promise<BaselineRow | undefined> {
  const [row] = await tx
    .select()
    .from(baseline)
    .where(and(inArray(baseline.trustDomainId, [...scope]), eq(baseline.id, id)))
    .for("update");
  return row;
}

export async function versionInsert(tx: Tx, row: typeof baselineVersion.$inferInsert): Promise<void> {
  await tx.insert(baselineVersion).values(row);
}

const isVersion = ({ trustDomainId, baselineId, version }: VersionId) =>
  and(
    eq(baselineVersion.trustDomainId, trustDomainId),
    eq(baselineVersion.baselineId, baselineId),
    eq(baselineVersion.version, version),
  );

/** Versions of some baselines, the newest first. */
export async function versionList(
  conn: Conn,
  scope: Scope,
  baselineIds: readonly string[],
): Promise<ListedVersion[]> {
  if (baselineIds.length === 0) return [];
  const rows = await conn
    .select({ version: baselineVersion, authorEmail: appUser.email })
    .from(baselineVersion)
    .leftJoin(appUser, eq(appUser.id, baselineVersion.author))
    .where(
      and(
        inArray(baselineVersion.trustDomainId, [...scope]),
        inArray(baselineVersion.baselineId, [...baselineIds]),
      ),
    )
    .orderBy(asc(baselineVersion.baselineId), desc(baselineVersion.version));
  return rows.map(({ version, authorEmail }) => ({ ...version, authorEmail }));
}

export async function versionFind(conn: Conn, id: VersionId): Promise<VersionRow | undefined> {
  const [row] = await conn.select().from(baselineVersion).where(isVersion(id));
  return row;
}

/** E-mail addresses of whoever wrote the version or an earlier one that was never published. */
export async function authorsSincePublished(
  conn: Conn,
  { trustDomainId, baselineId, version }: VersionId,
): Promise<string[]> {
  const rows = await conn
    .selectDistinct({ email: appUser.email })
    .from(baselineVersion)
    .innerJoin(appUser, eq(appUser.id, baselineVersion.author))
    .where(
      and(
        eq(baselineVersion.trustDomainId, trustDomainId),
        eq(baselineVersion.baselineId, baselineId),
        sql`${baselineVersion.version} <= ${version}`,
        gt(
          baselineVersion.version,
          sql`coalesce((SELECT max(p.version) FROM baseline_version p
            WHERE p.trust_domain_id = ${trustDomainId} AND p.baseline_id = ${baselineId}
              AND p.signature IS NOT NULL AND p.version < ${version}), 0)`,
        ),
      ),
    );
  return rows.map(({ email }) => email);
}

/** Take back the drafts of a baseline; what was signed stays as it is. @returns their versions */
export async function draftsWithdraw(tx: Tx, { trustDomainId, baselineId }: BaselineId): Promise<number[]> {
  const rows = await tx
    .update(baselineVersion)
    .set({ state: "withdrawn" })
    .where(
      and(
        eq(baselineVersion.trustDomainId, trustDomainId),
        eq(baselineVersion.baselineId, baselineId),
        eq(baselineVersion.state, "draft"),
      ),
    )
    .returning({ version: baselineVersion.version });
  return rows.map(({ version }) => version);
}

export async function versionPublish(
  tx: Tx,
  id: VersionId,
  signed: { signature: unknown; publishedAt: Date },
): Promise<void> {
  await tx
    .update(baselineVersion)
    .set({ ...signed, state: "published" })
    .where(isVersion(id));
}

export async function rolloutInsert(tx: Tx, row: typeof baselineRollout.$inferInsert): Promise<void> {
  await tx.insert(baselineRollout).values(row);
}

/** Rollouts of some baselines in order of their beginnings. */
export async function rolloutList(
  conn: Conn,
  scope: Scope,
  baselineIds: readonly string[],
): Promise<RolloutRow[]> {
  if (baselineIds.length === 0) return [];
  return conn
    .select()
    .from(baselineRollout)
    .where(
      and(
        inArray(baselineRollout.trustDomainId, [...scope]),
        inArray(baselineRollout.baselineId, [...baselineIds]),
      ),
    )
    .orderBy(asc(baselineRollout.validFrom), asc(baselineRollout.id));
}

/** End some rollouts at an instant, unless they end before it anyway. */
export async function rolloutsEnd(
  tx: Tx,
  { trustDomainId }: Pick<VersionId, "trustDomainId">,
  ids: readonly string[],
  at: Date,
): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .update(baselineRollout)
    .set({ validTo: at })
    .where(
      and(
        eq(baselineRollout.trustDomainId, trustDomainId),
        inArray(baselineRollout.id, [...ids]),
        or(isNull(baselineRollout.validTo), gt(baselineRollout.validTo, at)),
      ),
    );
}
