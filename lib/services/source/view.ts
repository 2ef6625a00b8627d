/** A stored source with its keys and traffic as the API shows it. */
import { epochsOf, limitOfSource } from "#db/queries/limit";
import type { Progress } from "#db/queries/rederivation";
import type { ApiKeyRow, SourceFacts, SourceKeyRow, SourceRow, SourceTraffic } from "#db/queries/source";
import type { ApiKeyView, FindingView, SourceKeyView, SourceView } from "#lib/contracts/source";
import { epochAt, silenceEpochs } from "#lib/domain/cadence";
import { PROBLEMS } from "#lib/domain/problems";
import { iso, isoOrNull } from "#lib/services/instant";
import { kindLabel, type SourceKind } from "./kinds.ts";
import { limitView } from "./limit-view.ts";

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

/**
 * Never with a secret, sealed or open.
 *
 * @param progress what is still being derived anew; none for a key that cannot be distrusted
 */
export function sourceKeyView(row: SourceKeyRow, progress: readonly Progress[] = []): SourceKeyView {
  const open = progress.find(({ sourceId, kid }) => sourceId === row.sourceId && kid === row.kid);
  return {
    kid: row.kid,
    alg: row.alg,
    secret: row.sealedSecret !== null,
    state: row.state as SourceKeyView["state"],
    validFrom: row.validFrom.toISOString(),
    validTo: row.validTo?.toISOString() ?? null,
    activatedAt: row.activatedAt?.toISOString() ?? null,
    acceptUntil: row.acceptUntil?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
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

const NO_FACTS: Omit<SourceFacts, "sourceId"> = {
  lastHeardAt: null,
  lastErrorAt: null,
  lastErrorCode: null,
  futureRefused: 0,
  skewP50Ms: null,
  skewP95Ms: null,
  skewSamples: 0,
};

export function sourceView(
  row: SourceRow,
  parts: {
    keys: readonly SourceKeyRow[];
    apiKeys: readonly ApiKeyRow[];
    traffic: SourceTraffic | undefined;
    facts: SourceFacts | undefined;
    /** Open ones, most urgent first. */
    findings: readonly FindingView[];
    progress: readonly Progress[];
    kinds: readonly SourceKind[];
    /** `null` = now; rows and facts of an earlier instant are of that instant already. */
    asOf: Date | null;
    now: Date;
  },
): SourceView {
  const { lastReceivedAt, accepted, duplicate, rejected, hourly, nodes } = parts.traffic ?? NO_TRAFFIC;
  const facts = parts.facts ?? NO_FACTS;
  const at = parts.asOf ?? parts.now;
  const limit = limitView(row, parts.asOf);
  const keys = parts.keys.filter((key) => key.sourceId === row.id);
  const { lastHeardAt } = facts;
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
    enrolment: row.enrolment,
    authoritativeFor: row.authoritativeFor as SourceView["authoritativeFor"],
    introducesNodes: row.introducesNodes,
    keys: keys.map((key) => sourceKeyView(key, parts.progress)),
    apiKeys: parts.apiKeys.filter((key) => key.sourceId === row.id).map(apiKeyView),
    lastReceivedAt: isoOrNull(lastReceivedAt),
    silent: isSilent(row, lastHeardAt, parts),
    limit,
    lastHeardAt: isoOrNull(lastHeardAt),
    nextDueAt: isoOrNull(
      lastHeardAt === null || limit.cadenceMs === null || limit.mode === "none" || row.disabledAt !== null
        ? null
        : lastHeardAt + limit.cadenceMs,
    ),
    lagMs: lastReceivedAt === null ? null : Math.max(0, at.getTime() - Math.round(lastReceivedAt)),
    keyState: keyState(keys, at),
    lastError:
      facts.lastErrorAt === null || facts.lastErrorCode === null
        ? null
        : {
            at: iso(facts.lastErrorAt),
            code: facts.lastErrorCode,
            title: PROBLEMS[facts.lastErrorCode as keyof typeof PROBLEMS]?.title ?? facts.lastErrorCode,
          },
    futureRefused: facts.futureRefused,
    skew:
      facts.skewP50Ms === null || facts.skewP95Ms === null
        ? null
        : {
            p50Ms: Math.round(facts.skewP50Ms),
            p95Ms: Math.round(facts.skewP95Ms),
            samples: facts.skewSamples,
          },
    findings: [...parts.findings],
    last24h: { accepted, duplicate, rejected },
    hourly,
    nodes,
  };
}

/**
 * The same rule as the worker's, so that no answer waits for it. While history is imported nothing is judged;
 * whether it was at an earlier instant is not kept.
 */
function isSilent(
  row: SourceRow,
  lastHeardMs: number | null,
  { asOf, now }: { asOf: Date | null; now: Date },
): boolean {
  if (row.staleAfterMs === null || row.disabledAt !== null || lastHeardMs === null) return false;
  if (!asOf && row.backfillUntil !== null && row.backfillUntil > now) return false;
  const thresholds = silenceEpochs(epochsOf(row.cadenceFromMs, row.cadenceMs), limitOfSource(row));
  const thresholdMs = epochAt(thresholds, lastHeardMs);
  return thresholdMs !== null && (asOf ?? now).getTime() - lastHeardMs > thresholdMs;
}

function keyState(keys: readonly SourceKeyRow[], now: Date): SourceView["keyState"] {
  const usable = keys.filter(
    ({ state, validFrom, validTo }) =>
      (state === "active" || state === "prepared") && validFrom <= now && (validTo === null || validTo > now),
  );
  const ends = usable.flatMap(({ validTo }) => (validTo === null ? [] : [validTo.getTime()]));
  return {
    usable: usable.length,
    soonestEndAt: isoOrNull(ends.length === 0 ? null : Math.min(...ends)),
    exhausted: keys.length > 0 && usable.length === 0,
  };
}
