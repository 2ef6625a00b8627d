/** A stored source with its keys and traffic as the API shows it. */
import type { Progress } from "#db/queries/rederivation";
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

function sourceKeyView(row: SourceKeyRow, progress: readonly Progress[]): SourceKeyView {
  const open = progress.find(({ sourceId, kid }) => sourceId === row.sourceId && kid === row.kid);
  return {
    kid: row.kid,
    alg: row.alg,
    state: row.state,
    validFrom: row.validFrom.toISOString(),
    validTo: row.validTo?.toISOString() ?? null,
    distrustedSince: row.distrustedSince?.toISOString() ?? null,
    rederiving: open ? { done: open.done, total: open.total } : null,
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
    progress: readonly Progress[];
    kinds: readonly SourceKind[];
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
    keys: parts.keys
      .filter((key) => key.sourceId === row.id)
      .map((key) => sourceKeyView(key, parts.progress)),
    apiKeys: parts.apiKeys.filter((key) => key.sourceId === row.id).map(apiKeyView),
    lastReceivedAt: isoOrNull(lastReceivedAt),
    silent:
      row.staleAfterMs !== null &&
      row.disabledAt === null &&
      nodes > 0 &&
      lastReceivedAt !== null &&
      parts.now.getTime() - lastReceivedAt > row.staleAfterMs,
    last24h: { accepted, duplicate, rejected },
    hourly,
    nodes,
  };
}
