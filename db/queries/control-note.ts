/** Notes about controls: exceptions, what compensates, what does not apply, what was checked by hand. */
import { and, desc, eq, gt, inArray, isNull, lte, or } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Conn, Tx } from "#db/client";
import { controlNote } from "#db/schema/compliance";
import { appUser } from "#db/schema/people";
import type { Scope } from "./sql.ts";

export type NoteRow = typeof controlNote.$inferSelect;
export type ListedNote = NoteRow & { madeByEmail: string | null; endedByEmail: string | null };

export async function noteInsert(tx: Tx, row: typeof controlNote.$inferInsert): Promise<void> {
  await tx.insert(controlNote).values(row);
}

const inScope = (scope: Scope) => inArray(controlNote.trustDomainId, [...scope]);

/**
 * Notes about a framework, the newest first.
 *
 * @param inForceAt only those that held then; `null` = all
 * @param control only those about it; `null` = about any
 */
export async function noteList(
  conn: Conn,
  scope: Scope,
  args: { framework: string; control: string | null; inForceAt: Date | null; limit: number },
): Promise<ListedNote[]> {
  const { framework, control, inForceAt, limit } = args;
  const [maker, ender] = [alias(appUser, "maker"), alias(appUser, "ender")];
  const held = inForceAt && [
    lte(controlNote.madeAt, inForceAt),
    gt(controlNote.expiresAt, inForceAt),
    or(isNull(controlNote.endedAt), gt(controlNote.endedAt, inForceAt)),
  ];
  const rows = await conn
    .select({ row: controlNote, maker: maker.email, ender: ender.email })
    .from(controlNote)
    .leftJoin(maker, eq(maker.id, controlNote.madeBy))
    .leftJoin(ender, eq(ender.id, controlNote.endedBy))
    .where(
      and(
        inScope(scope),
        eq(controlNote.framework, framework),
        control === null ? undefined : eq(controlNote.control, control),
        ...(held ?? []),
      ),
    )
    .orderBy(desc(controlNote.madeAt), controlNote.id)
    .limit(limit);
  return rows.map((found) => ({ ...found.row, madeByEmail: found.maker, endedByEmail: found.ender }));
}

/** One note, locked until the transaction ends. */
export async function noteLock(tx: Tx, scope: Scope, id: string): Promise<NoteRow | undefined> {
  const [row] = await tx
    .select()
    .from(controlNote)
    .where(and(inScope(scope), eq(controlNote.id, id)))
    .for("update");
  return row;
}

export async function noteEnd(
  tx: Tx,
  { trustDomainId, id }: Pick<NoteRow, "trustDomainId" | "id">,
  ended: { endedAt: Date; endedBy: string },
): Promise<void> {
  await tx
    .update(controlNote)
    .set(ended)
    .where(and(eq(controlNote.trustDomainId, trustDomainId), eq(controlNote.id, id)));
}
