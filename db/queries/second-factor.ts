/** Second factors: the sealed secret of each person, and codes that work once instead. */
import { and, eq, isNull } from "drizzle-orm";
import type { Tx } from "#db/client";
import { recoveryCode, secondFactor } from "#db/schema/people";

/** A secret of which nobody has shown yet that an authenticator knows it; replaces another such one. */
export async function secondFactorBegin(
  tx: Tx,
  row: { userId: string; secretSealed: Buffer; createdAt: Date },
): Promise<void> {
  const { secretSealed, createdAt } = row;
  await tx
    .insert(secondFactor)
    .values(row)
    .onConflictDoUpdate({ target: secondFactor.userId, set: { secretSealed, createdAt, lastStep: null } });
}

export async function secondFactorConfirm(tx: Tx, userId: string, at: Date): Promise<void> {
  await tx.update(secondFactor).set({ confirmedAt: at }).where(eq(secondFactor.userId, userId));
}

export async function secondFactorUsed(tx: Tx, userId: string, lastStep: number): Promise<void> {
  await tx.update(secondFactor).set({ lastStep }).where(eq(secondFactor.userId, userId));
}

export async function secondFactorDelete(tx: Tx, userId: string): Promise<void> {
  await tx.delete(recoveryCode).where(eq(recoveryCode.userId, userId));
  await tx.delete(secondFactor).where(eq(secondFactor.userId, userId));
}

/** The codes of before count no more. */
export async function recoveryCodesReplace(
  tx: Tx,
  userId: string,
  digests: readonly Buffer[],
): Promise<void> {
  await tx.delete(recoveryCode).where(eq(recoveryCode.userId, userId));
  await tx.insert(recoveryCode).values(digests.map((codeSha256) => ({ userId, codeSha256 })));
}

/** @returns false when there is no such code, or it was used */
export async function recoveryCodeUse(
  tx: Tx,
  userId: string,
  codeSha256: Buffer,
  at: Date,
): Promise<boolean> {
  const rows = await tx
    .update(recoveryCode)
    .set({ usedAt: at })
    .where(
      and(
        eq(recoveryCode.userId, userId),
        eq(recoveryCode.codeSha256, codeSha256),
        isNull(recoveryCode.usedAt),
      ),
    )
    .returning({ userId: recoveryCode.userId });
  return rows.length === 1;
}
