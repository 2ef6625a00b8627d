/** Frameworks that people imported: their versions, controls and mappings. */
import { and, asc, desc, eq, inArray, isNull, lte } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import {
  controlMapping,
  ownFramework,
  ownFrameworkControl,
  ownFrameworkVersion,
} from "#db/schema/own-framework";
import { appUser } from "#db/schema/people";
import type { OscalControl } from "#lib/domain/oscal/catalogue";
import type { Scope } from "./sql.ts";

export type FrameworkRow = typeof ownFramework.$inferSelect;
export type FrameworkKey = Pick<FrameworkRow, "trustDomainId" | "id">;
export type FrameworkVersionRow = typeof ownFrameworkVersion.$inferSelect;
export type ListedVersion = FrameworkVersionRow & { recordedByEmail: string | null };
export type MappingRow = typeof controlMapping.$inferSelect & { recordedByEmail: string | null };

/** Rows of controls that are written in one statement. */
const BATCH = 1_000;

export async function ownFrameworkInsert(tx: Tx, row: typeof ownFramework.$inferInsert): Promise<void> {
  await tx.insert(ownFramework).values(row);
}

export async function ownFrameworkCount(tx: Tx, trustDomainId: string): Promise<number> {
  return tx.$count(ownFramework, eq(ownFramework.trustDomainId, trustDomainId));
}

export async function ownFrameworkFind(
  conn: Conn,
  scope: Scope,
  id: string,
): Promise<FrameworkRow | undefined> {
  const [row] = await conn
    .select()
    .from(ownFramework)
    .where(and(inArray(ownFramework.trustDomainId, [...scope]), eq(ownFramework.id, id)));
  return row;
}

/** One framework, locked until the transaction ends: its versions and mappings are written one after the other. */
export async function ownFrameworkLock(tx: Tx, scope: Scope, id: string): Promise<FrameworkRow | undefined> {
  const [row] = await tx
    .select()
    .from(ownFramework)
    .where(and(inArray(ownFramework.trustDomainId, [...scope]), eq(ownFramework.id, id)))
    .for("update");
  return row;
}

export async function ownFrameworkRetire(
  tx: Tx,
  { trustDomainId, id }: FrameworkKey,
  retired: { retiredAt: Date; retiredBy: string; retiredReason: string },
): Promise<void> {
  await tx
    .update(ownFramework)
    .set(retired)
    .where(
      and(
        eq(ownFramework.trustDomainId, trustDomainId),
        eq(ownFramework.id, id),
        isNull(ownFramework.retiredAt),
      ),
    );
}

/** Every framework, in the order in which they were first imported. */
export async function ownFrameworkList(conn: Conn, scope: Scope): Promise<FrameworkRow[]> {
  return conn
    .select()
    .from(ownFramework)
    .where(inArray(ownFramework.trustDomainId, [...scope]))
    .orderBy(asc(ownFramework.madeAt), asc(ownFramework.id));
}

const versionOf = ({ trustDomainId, id }: FrameworkKey) =>
  and(eq(ownFrameworkVersion.trustDomainId, trustDomainId), eq(ownFrameworkVersion.frameworkId, id));

/** The newest first. @param knownAt those that were imported until then */
export async function frameworkVersions(
  conn: Conn,
  key: FrameworkKey,
  knownAt: Date,
): Promise<ListedVersion[]> {
  const rows = await conn
    .select({ row: ownFrameworkVersion, by: appUser.email })
    .from(ownFrameworkVersion)
    .leftJoin(appUser, eq(appUser.id, ownFrameworkVersion.recordedBy))
    .where(and(versionOf(key), lte(ownFrameworkVersion.recordedAt, knownAt)))
    .orderBy(desc(ownFrameworkVersion.version));
  return rows.map(({ row, by }) => ({ ...row, recordedByEmail: by }));
}

/** Titles of the newest versions, by the stored ids of frameworks. */
export async function ownFrameworkTitles(
  conn: Conn,
  scope: Scope,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await conn
    .selectDistinctOn([ownFrameworkVersion.trustDomainId, ownFrameworkVersion.frameworkId], {
      id: ownFrameworkVersion.frameworkId,
      title: ownFrameworkVersion.title,
    })
    .from(ownFrameworkVersion)
    .where(
      and(
        inArray(ownFrameworkVersion.trustDomainId, [...scope]),
        inArray(ownFrameworkVersion.frameworkId, [...ids]),
      ),
    )
    .orderBy(
      ownFrameworkVersion.trustDomainId,
      ownFrameworkVersion.frameworkId,
      desc(ownFrameworkVersion.version),
    );
  return new Map(rows.map(({ id, title }) => [id, title]));
}

export async function frameworkVersionInsert(
  tx: Tx,
  row: typeof ownFrameworkVersion.$inferInsert,
  controls: readonly OscalControl[],
): Promise<void> {
  await tx.insert(ownFrameworkVersion).values(row);
  const { trustDomainId, frameworkId, version } = row;
  const rows = controls.map((control, place) => ({
    ...{ trustDomainId, frameworkId, version, place, control: control.id, label: control.label },
    ...{ title: control.title, statement: control.statement, statementId: control.statementId },
    ...{ parent: control.parent, groupTitle: control.group, params: control.params },
  }));
  for (let at = 0; at < rows.length; at += BATCH) {
    await tx.insert(ownFrameworkControl).values(rows.slice(at, at + BATCH));
  }
}

type VersionKey = Pick<FrameworkVersionRow, "trustDomainId" | "frameworkId" | "version">;

const controlOf = ({ trustDomainId, frameworkId, version }: VersionKey) =>
  and(
    eq(ownFrameworkControl.trustDomainId, trustDomainId),
    eq(ownFrameworkControl.frameworkId, frameworkId),
    eq(ownFrameworkControl.version, version),
  );

export async function frameworkControlCount(conn: Conn, key: VersionKey): Promise<number> {
  return conn.$count(ownFrameworkControl, controlOf(key));
}

export async function frameworkHasControl(conn: Conn, key: VersionKey, control: string): Promise<boolean> {
  const found = and(controlOf(key), eq(ownFrameworkControl.control, control));
  return (await conn.$count(ownFrameworkControl, found)) > 0;
}

/** The controls of a version in the document's order. */
export async function frameworkControls(conn: Conn, key: VersionKey): Promise<OscalControl[]> {
  const rows = await conn
    .select()
    .from(ownFrameworkControl)
    .where(controlOf(key))
    .orderBy(asc(ownFrameworkControl.place));
  return rows.map(({ control, label, title, statement, statementId, parent, groupTitle, params }) => ({
    ...{ id: control, label, title, statement, statementId, parent, params, group: groupTitle },
  }));
}

/** The newest mapping of each control that was written until an instant, cleared ones included. */
export async function mappingsAt(conn: Conn, key: FrameworkKey, knownAt: Date): Promise<MappingRow[]> {
  const rows = await conn
    .selectDistinctOn([controlMapping.control], { row: controlMapping, by: appUser.email })
    .from(controlMapping)
    .leftJoin(appUser, eq(appUser.id, controlMapping.recordedBy))
    .where(
      and(
        eq(controlMapping.trustDomainId, key.trustDomainId),
        eq(controlMapping.frameworkId, key.id),
        lte(controlMapping.recordedAt, knownAt),
      ),
    )
    .orderBy(controlMapping.control, desc(controlMapping.version));
  return rows.map(({ row, by }) => ({ ...row, recordedByEmail: by }));
}

/** The newest mapping of one control; `undefined` = it never had one. */
export async function mappingOf(
  conn: Conn,
  key: FrameworkKey,
  control: string,
): Promise<typeof controlMapping.$inferSelect | undefined> {
  const [row] = await conn
    .select()
    .from(controlMapping)
    .where(
      and(
        eq(controlMapping.trustDomainId, key.trustDomainId),
        eq(controlMapping.frameworkId, key.id),
        eq(controlMapping.control, control),
      ),
    )
    .orderBy(desc(controlMapping.version))
    .limit(1);
  return row;
}

/** How often mappings were written until an instant. */
export async function mappingCount(conn: Conn, key: FrameworkKey, knownAt: Date): Promise<number> {
  return conn.$count(
    controlMapping,
    and(
      eq(controlMapping.trustDomainId, key.trustDomainId),
      eq(controlMapping.frameworkId, key.id),
      lte(controlMapping.recordedAt, knownAt),
    ),
  );
}

export async function mappingInsert(tx: Tx, row: typeof controlMapping.$inferInsert): Promise<void> {
  await tx.insert(controlMapping).values(row);
}
