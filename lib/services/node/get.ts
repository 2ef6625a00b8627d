/** One node as it is now. */
import { type NodeLossRow, nodeLossList } from "#db/queries/coverage-loss";
import { incarnationList, type LaneRow, laneList, nodeIdentityList, nodeLastTrusted } from "#db/queries/node";
import type { LaneView, NodeView } from "#lib/contracts/node";
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
import { visibleNode } from "./find.ts";

/** @throws {ProblemError} `node/not-found` */
export async function nodeGet(ctx: ServiceContext, { nodeId }: { nodeId: string }): Promise<NodeView> {
  const scope = readScope(ctx, "fleet:read");
  const now = ctx.now();
  const nowMs = now.getTime();
  const node = await visibleNode(ctx, scope, nodeId);
  const identities = await nodeIdentityList(ctx.db, scope, nodeId);
  const incarnations = await incarnationList(ctx.db, scope, nodeId);
  const rows = await laneList(ctx.db, scope, { nodeId, now });
  const losses = await nodeLossList(ctx.db, scope, nodeId);
  const trustedUntil = await nodeLastTrusted(ctx.db, scope, nodeId);

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
  const lastTrusted = silence && stated === "trusted" ? silence.sinceMs : trustedUntil;
  const status = silence ? "stale" : stated;
  const views = lanes.map((lane) => laneView(lane, losses, nowMs));
  const [loss] = status === "trusted" ? losses : [];
  const due = views.flatMap(({ dueAt }) => (dueAt === null ? [] : [Date.parse(dueAt)]));
  return {
    id: node.id,
    displayName: node.displayName,
    createdAt: iso(node.createdAt),
    status,
    since: iso(silence?.sinceMs ?? node.since),
    reason: loss ? lossSentence(loss) : (silence?.reason ?? node.reason),
    lifecycle: {
      state: node.lifecycle as NodeView["lifecycle"]["state"],
      since: iso(node.lifecycleSince),
    },
    disposition: node.disposition,
    identities: identities.map((identity) => ({
      ...identity,
      role: identity.role as IdentityRole,
      validFrom: iso(identity.validFrom),
      validTo: isoOrNull(identity.validTo),
    })),
    incarnations: incarnations.map(({ openedAt, closedAt, ...rest }) => ({
      ...rest,
      openedAt: iso(openedAt),
      closedAt: isoOrNull(closedAt),
    })),
    lanes: views,
    nextDueAt: isoOrNull(due.length === 0 ? null : Math.min(...due)),
    silence: silenceWords(status, views),
    reduced: loss !== undefined,
    lastTrustedAt: status === "trusted" ? null : isoOrNull(lastTrusted),
  };
}

type Lane = {
  row: LaneRow;
  state: LaneState;
  sinceMs: number;
  lastMs: number;
  staleAfterMs: number | null;
  label: string;
};

function laneView(lane: Lane, losses: readonly NodeLossRow[], nowMs: number): LaneView {
  const at = laneAt(lane, nowMs);
  const { row } = lane;
  const staleMs = staleAtMs(lane);
  const cadenceMs = lane.staleAfterMs === null ? null : laneCadenceMs(row.heard);
  const source = { heardMs: row.sourceHeardAt, silentAfterMs: row.sourceSilentAfterMs };
  const loss = losses.find(({ sourceId, submod }) => sourceId === row.sourceId && submod === row.submod);
  return {
    sourceId: row.sourceId,
    sourceName: row.sourceName,
    sourceKind: row.sourceKind,
    submod: row.submod,
    state: at.state,
    since: iso(at.sinceMs),
    firstAt: iso(row.firstAt),
    lastAt: iso(row.lastAt),
    staleAt: isoOrNull(staleMs),
    cadenceMs: cadenceMs === null ? null : Math.round(cadenceMs),
    dueAt: cadenceMs === null ? null : iso(row.lastAt + cadenceMs),
    // A verifier that got no answer has spoken: such a line is stale, but not silent.
    silence: staleMs !== null && staleMs <= nowMs ? silentParty(source, nowMs) : null,
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
