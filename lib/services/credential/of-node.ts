/** The credentials of one node. */
import { type CredentialEventRow, credentialEvents } from "#db/queries/credential";
import { validAt } from "#db/queries/time-sql";
import type { CredentialView, NodeCredentials, NodeCredentialsQuery } from "#lib/contracts/credential";
import { foldCredentials, type HeldCredential, residualWindow } from "#lib/domain/credential";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { iso, isoOrNull } from "#lib/services/instant";
import { visibleNode } from "#lib/services/node/find";
import type { SourceKind } from "#lib/services/source/kinds";
import { timePoint } from "#lib/services/time-point";

/** More than a year of daily renewals; older ones are all replaced or over. */
const MAX_EVENTS = 500;

/**
 * @param kinds the registered kinds of sources, for the usual lives of what they issue
 * @throws {ProblemError} `node/not-found`; `request/invalid` for an instant in the future
 */
export async function nodeCredentials(
  ctx: ServiceContext,
  query: NodeCredentialsQuery & { nodeId: string },
  kinds: readonly SourceKind[],
): Promise<NodeCredentials> {
  const scope = readScope(ctx, "fleet:read");
  const { used, ...point } = timePoint(ctx, query);
  const node = await visibleNode(ctx, scope, query.nodeId);
  const rows = await credentialEvents(ctx.db, scope, [node.id], point, MAX_EVENTS + 1);
  const sources = new Map(rows.map((row) => [row.sourceId, row]));
  const nowMs = validAt(point).getTime();
  const usualLifeMs = (sourceId: string) =>
    kinds.find(({ kind }) => kind === sources.get(sourceId)?.sourceKind)?.credentialLifeMs ?? null;
  const held = foldCredentials(rows.slice(0, MAX_EVENTS), nowMs, usualLifeMs);
  const residual = residualWindow(held, nowMs);
  return {
    ...used,
    items: held.map((credential) => credentialView(credential, sources)),
    residual:
      residual === null
        ? { state: "none" }
        : residual === "unknown"
          ? { state: "unknown" }
          : { state: "until", until: iso(residual) },
    truncated: rows.length > MAX_EVENTS,
  };
}

function credentialView(
  credential: HeldCredential,
  sources: ReadonlyMap<string, CredentialEventRow>,
): CredentialView {
  const { issuedAtMs, notBeforeMs, notAfterMs, replacedAtMs, revokedAtMs, residualUntilMs, ...rest } =
    credential;
  return {
    ...rest,
    sourceName: sources.get(credential.sourceId)?.sourceName ?? "",
    issuedAt: iso(issuedAtMs),
    notBefore: isoOrNull(notBeforeMs),
    notAfter: isoOrNull(notAfterMs),
    replacedAt: isoOrNull(replacedAtMs),
    revokedAt: isoOrNull(revokedAtMs),
    residualUntil: isoOrNull(residualUntilMs),
  };
}
