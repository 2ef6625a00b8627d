/** A stored source with its keys and traffic as the API shows it. */
import { ROLLUP_BUCKET_MS } from "#db/queries/ingest-log";
import type { ApiKeyRow, SourceKeyRow, SourceRow, SourceTraffic } from "#db/queries/source";
import type { ApiKeyView, SourceKeyView, SourceView } from "#lib/contracts/source";
import { isoOrNull } from "#lib/services/instant";
import { kindLabel, type SourceKind } from "./kinds.ts";

/** Never with the secret or its digest. */
export function apiKeyView(row: ApiKeyRow): ApiKeyView {
  return {
    id: row.id,
    prefix: row.prefix,
    scopes: row.scopes as ApiKeyView["scopes"],
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  };
}

function sourceKeyView(row: SourceKeyRow): SourceKeyView {
  return {
    kid: row.kid,
    alg: row.alg,
    state: row.state,
    validFrom: row.validFrom.toISOString(),
    validTo: row.validTo?.toISOString() ?? null,
  };
}

const NO_TRAFFIC: Omit<SourceTraffic, "sourceId"> = {
  lastReceivedAt: null,
  accepted: 0,
  duplicate: 0,
  rejected: 0,
  hourly: Array.from({ length: 24 }, () => 0),
  nodes: 0,
};

export function sourceView(
  row: SourceRow,
  parts: {
    keys: readonly SourceKeyRow[];
    apiKeys: readonly ApiKeyRow[];
    traffic: SourceTraffic | undefined;
    kinds: readonly SourceKind[];
    /** `null` = now; of an earlier instant arrivals are known to the bucket. */
    asOf: Date | null;
    now: Date;
  },
): SourceView {
  const { lastReceivedAt, accepted, duplicate, rejected, hourly, nodes } = parts.traffic ?? NO_TRAFFIC;
  return {
    id: row.id,
    kind: row.kind,
    kindLabel: kindLabel(parts.kinds, row.kind),
    name: row.name,
    createdAt: row.createdAt.toISOString(),
    disabledAt: row.disabledAt?.toISOString() ?? null,
    nodeIdPointer: row.nodeIdPointer,
    staleAfterMs: row.staleAfterMs,
    acceptPastMs: row.acceptPastMs,
    acceptFutureMs: row.acceptFutureMs,
    keys: parts.keys.filter((key) => key.sourceId === row.id).map(sourceKeyView),
    apiKeys: parts.apiKeys.filter((key) => key.sourceId === row.id).map(apiKeyView),
    lastReceivedAt: isoOrNull(lastReceivedAt),
    silent:
      row.staleAfterMs !== null &&
      (row.disabledAt === null || (parts.asOf !== null && row.disabledAt > parts.asOf)) &&
      nodes > 0 &&
      lastReceivedAt !== null &&
      silentForMs(lastReceivedAt, parts) > row.staleAfterMs,
    last24h: { accepted, duplicate, rejected },
    hourly,
    nodes,
  };
}

/** How long nothing came, never too long: the last bucket before an earlier instant may not be over. */
function silentForMs(lastReceivedAt: number, { asOf, now }: { asOf: Date | null; now: Date }): number {
  return asOf ? asOf.getTime() - lastReceivedAt - ROLLUP_BUCKET_MS : now.getTime() - lastReceivedAt;
}
