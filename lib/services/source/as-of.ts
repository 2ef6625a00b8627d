/** Sources and keys as they were at an earlier instant, from the steps that are kept. */
import type { KeyDistrust } from "#db/queries/rederivation";
import type { ApiKeyRow, SourceKeyRow, SourceRow } from "#db/queries/source";
import type { KeyState } from "#lib/domain/source-key";

/** What had ended by an instant; `null` = it had not. */
const endedBy = (end: Date | null, asOf: Date): Date | null => (end && end <= asOf ? end : null);

/** Configuration keeps no history: but for its beginning and end a source is as it is now. */
export function sourcesAsOf(rows: readonly SourceRow[], asOf: Date): SourceRow[] {
  return rows
    .filter(({ createdAt }) => createdAt <= asOf)
    .map((row) => ({ ...row, disabledAt: endedBy(row.disabledAt, asOf) }));
}

/** Only the last use is kept: one that lies later says nothing about the instant. */
export function apiKeysAsOf(rows: readonly ApiKeyRow[], asOf: Date): ApiKeyRow[] {
  return rows
    .filter(({ createdAt }) => createdAt <= asOf)
    .map((row) => ({
      ...row,
      revokedAt: endedBy(row.revokedAt, asOf),
      lastUsedAt: endedBy(row.lastUsedAt, asOf),
    }));
}

export function sourceKeysAsOf(
  rows: readonly SourceKeyRow[],
  distrusts: readonly KeyDistrust[],
  asOf: Date,
): SourceKeyRow[] {
  return rows
    .filter(({ createdAt }) => createdAt <= asOf)
    .map((row) => {
      const distrust = distrusts.find(({ sourceId, kid }) => sourceId === row.sourceId && kid === row.kid);
      const validTo = endedBy(row.validTo, asOf);
      const activatedAt = endedBy(row.activatedAt, asOf);
      const state: KeyState =
        distrust && distrust.at <= asOf
          ? "distrusted"
          : validTo
            ? "retired"
            : activatedAt
              ? "active"
              : "prepared";
      return {
        ...row,
        state,
        validTo,
        activatedAt,
        acceptUntil: validTo && row.acceptUntil,
        lastUsedAt: endedBy(row.lastUsedAt, asOf),
      };
    });
}
