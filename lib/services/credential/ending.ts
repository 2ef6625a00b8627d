/** Credentials of the fleet that end soon, or ended and were not renewed. */
import { type EndingCredentialRow, endingCredentials } from "#db/queries/credential";
import { validAt } from "#db/queries/time-sql";
import type { CredentialListPage, CredentialListQuery, EndingCredential } from "#lib/contracts/credential";
import { isDue } from "#lib/domain/credential";
import type { ServiceContext } from "#lib/services/context";
import { decodeCursor, encodeCursor, TimeIdKey } from "#lib/services/cursor";
import { readScope } from "#lib/services/guard";
import { iso, isoOrNull } from "#lib/services/instant";
import { timePoint } from "#lib/services/time-point";

const DAY_MS = 86_400_000;
const LOOK_BACK_MS = 7 * DAY_MS;
const WITHIN_MS: Readonly<Record<CredentialListQuery["within"], number>> = {
  "1d": DAY_MS,
  "7d": 7 * DAY_MS,
  "30d": 30 * DAY_MS,
  "90d": 90 * DAY_MS,
};

/** @throws {ProblemError} `request/invalid` for a foreign cursor or an instant in the future */
export async function endingCredentialList(
  ctx: ServiceContext,
  query: CredentialListQuery,
): Promise<CredentialListPage> {
  const scope = readScope(ctx, "fleet:read");
  const { used, ...point } = timePoint(ctx, query);
  const atMs = validAt(point).getTime();
  const page = await endingCredentials(ctx.db, scope, {
    ...point,
    from: new Date(atMs - LOOK_BACK_MS),
    to: new Date(atMs + WITHIN_MS[query.within]),
    after: query.cursor ? decodeCursor(TimeIdKey, query.cursor) : null,
    limit: query.limit,
  });
  return {
    ...used,
    items: page.items.map((row) => endingView(row, atMs)),
    nextCursor: page.next ? encodeCursor(page.next) : null,
  };
}

function endingView(row: EndingCredentialRow, atMs: number): EndingCredential {
  const { credential, issuedAtMs, ...rest } = row;
  const { kind, serial, fingerprintSha256, issuer, notBeforeMs, notAfterMs } = credential;
  const over = notAfterMs !== null && notAfterMs <= atMs;
  const due = isDue({ notBeforeMs, issuedAtMs, notAfterMs }, atMs);
  return {
    ...rest,
    kind,
    serial,
    fingerprintSha256,
    issuer,
    issuedAt: iso(issuedAtMs),
    notBefore: isoOrNull(notBeforeMs),
    notAfter: isoOrNull(notAfterMs),
    state: over ? "expired" : due ? "expiring" : "valid",
  };
}
