/** One node, as it is now or as it was at an instant. */
import { type NodeLossRow, nodeLossList } from "#db/queries/coverage-loss";
import { lifecycleAt } from "#db/queries/lifecycle";
import { incarnationList, laneList, type NodeRow, nodeIdentityList, nodeLastTrusted } from "#db/queries/node";
import type { TimePoint } from "#db/queries/time-sql";
import { validAt } from "#db/queries/time-sql";
import type { LaneView, NodeQuery, NodeView } from "#lib/contracts/node";
import { laneCadenceMs } from "#lib/domain/cadence";
import { lossSentence } from "#lib/domain/coverage-loss";
import type { IdentityRole } from "#lib/domain/identity";
import {
  laneAt,
  laneLabel,
  silenceOf,
  silentParty,
  silentPartySentence,
  staleAtMs,
} from "#lib/domain/silence";
import type { LaneState, TrustStatus } from "#lib/domain/trust-status";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { iso, isoOrNull } from "#lib/services/instant";
import { timePoint } from "#lib/services/time-point";
import { visibleNode } from "./find.ts";
import { type LaneMoment, type NodeMoment, nodeStateAt } from "./state-at.ts";

/**
 * @throws {ProblemError} `node/not-found`, also when nothing was known about it for that instant;
 *   `request/invalid` for an instant of the future
 */
export async function nodeGet(
  ctx: ServiceContext,
  { nodeId, ...query }: NodeQuery & { nodeId: string },
): Promise<NodeView> {
  const scope = readScope(ctx, "fleet:read");
  const { used, ...point } = timePoint(ctx, query);
  const node = await visibleNode(ctx, scope, nodeId);
  const moment = point.asOf
    ? await nodeStateAt(ctx, scope, { ...point, nodeId })
    : await stateNow(ctx, scope, { ...point, node });
  const lifecycle = point.asOf
    ? await lifecycleAt(ctx.db, scope, { ...point, nodeId })
    : { state: node.lifecycle, since: node.lifecycleSince };
  const losses = await nodeLossList(ctx.db, scope, { ...point, nodeId });
  const [loss] = moment.status === "trusted" ? losses : [];
  const atMs = validAt(point).getTime();
  const lanes = moment.lanes.map((lane) => laneView(lane, losses, atMs));
  const due = lanes.flatMap(({ dueAt }) => (dueAt === null ? [] : [Date.parse(dueAt)]));
  return {
    ...used,
    id: node.id,
    displayName: node.displayName,
    createdAt: iso(node.createdAt),
    status: moment.status,
    since: iso(moment.sinceMs),
    reason: loss ? lossSentence(loss) : moment.reason,
    lifecycle: {
      state: lifecycle.state as NodeView["lifecycle"]["state"],
      since: iso(lifecycle.since),
    },
    disposition: point.asOf ? null : node.disposition,
    labels: point.asOf ? null : node.labels,
    ...(await whoItWas(ctx, scope, { ...point, nodeId })),
    lanes,
    nextDueAt: isoOrNull(due.length === 0 ? null : Math.min(...due)),
    silence: silenceWords(moment.status, lanes),
    reduced: loss !== undefined,
    lastTrustedAt: isoOrNull(moment.lastTrustedMs),
  };
}

/** Aliases and provisionings; an alias names its provisioning only where that is shown, too. */
async function whoItWas(
  ctx: ServiceContext,
  scope: readonly string[],
  args: TimePoint & { nodeId: string },
): Promise<Pick<NodeView, "identities" | "incarnations">> {
  const identities = await nodeIdentityList(ctx.db, scope, args);
  const incarnations = await incarnationList(ctx.db, scope, args);
  const shown = new Set(incarnations.map(({ id }) => id));
  return {
    identities: identities.map(({ incarnationId, ...identity }) => ({
      ...identity,
      role: identity.role as IdentityRole,
      incarnationId: incarnationId !== null && shown.has(incarnationId) ? incarnationId : null,
      validFrom: iso(identity.validFrom),
      validTo: isoOrNull(identity.validTo),
    })),
    incarnations: incarnations.map(({ openedAt, closedAt, ...rest }) => ({
      ...rest,
      openedAt: iso(openedAt),
      closedAt: isoOrNull(closedAt),
    })),
  };
}

/** A lane as both questions answer it: the hot rows know no more of it. */
type Lane = Omit<LaneMoment, "row"> & { row: Awaited<ReturnType<typeof laneList>>[number] };

/** From the hot rows, which know the counters of the open intervals. */
async function stateNow(
  ctx: ServiceContext,
  scope: readonly string[],
  { node, now }: TimePoint & { node: NodeRow },
): Promise<Omit<NodeMoment, "lanes"> & { lanes: Lane[] }> {
  const nowMs = now.getTime();
  const rows = await laneList(ctx.db, scope, { nodeId: node.id, now });
  const trustedUntil = await nodeLastTrusted(ctx.db, scope, node.id);
  const lanes = rows.map((row) => ({
    row,
    label: laneLabel(row.sourceName, row.submod),
    state: row.state as LaneState,
    sinceMs: row.since,
    lastMs: row.lastAt,
    staleAfterMs: row.staleAfterMs,
  }));
  const stated = node.status as TrustStatus;
  const silence = silenceOf(stated, lanes, nowMs);
  const status = silence ? "stale" : stated;
  const lastTrusted = silence && stated === "trusted" ? silence.sinceMs : trustedUntil;
  return {
    status,
    sinceMs: silence?.sinceMs ?? node.since,
    reason: silence?.reason ?? node.reason,
    lanes: lanes.map((lane) => ({
      row: lane.row,
      label: lane.label,
      ...laneAt(lane, nowMs),
      staleAtMs: staleAtMs(lane),
    })),
    lastTrustedMs: status === "trusted" ? null : lastTrusted,
  };
}

function laneView({ row, ...lane }: Lane, losses: readonly NodeLossRow[], atMs: number): LaneView {
  const cadenceMs = row.staleAfterMs === null ? null : laneCadenceMs(row.heard);
  const source = { heardMs: row.sourceHeardAt, silentAfterMs: row.sourceSilentAfterMs };
  const loss = losses.find(({ sourceId, submod }) => sourceId === row.sourceId && submod === row.submod);
  return {
    sourceId: row.sourceId,
    sourceName: row.sourceName,
    sourceKind: row.sourceKind,
    submod: row.submod,
    state: lane.state,
    since: iso(lane.sinceMs),
    firstAt: iso(row.firstAt),
    lastAt: iso(row.lastAt),
    staleAt: isoOrNull(lane.staleAtMs),
    cadenceMs: cadenceMs === null ? null : Math.round(cadenceMs),
    dueAt: cadenceMs === null ? null : iso(row.lastAt + cadenceMs),
    // A verifier that got no answer has spoken: such a line is stale, but not silent.
    silence: lane.staleAtMs !== null && lane.staleAtMs <= atMs ? silentParty(source, atMs) : null,
    coverageLoss: loss
      ? {
          since: iso(loss.since),
          lost: [...loss.lost],
          coverageBefore: loss.coverageBefore,
          coverageAfter: loss.coverageAfter,
          policiesBefore: [...loss.policiesBefore],
          policiesAfter: [...loss.policiesAfter],
        }
      : null,
    verdicts: row.n,
  };
}

function silenceWords(status: TrustStatus, lanes: readonly LaneView[]): string | null {
  const [only, more] = lanes;
  if (status !== "stale" || !only?.silence || more) return null;
  return silentPartySentence(only.silence, only.sourceName);
}
