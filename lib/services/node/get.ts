/** One node as it is now. */
import { laneList, nodeIdentityList, nodeLastTrusted } from "#db/queries/node";
import type { NodeView } from "#lib/contracts/node";
import { laneAt, laneLabel, silenceOf, staleAtMs } from "#lib/domain/silence";
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
  const rows = await laneList(ctx.db, scope, { nodeId, now });
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
  return {
    id: node.id,
    displayName: node.displayName,
    createdAt: iso(node.createdAt),
    status,
    since: iso(silence?.sinceMs ?? node.since),
    reason: silence?.reason ?? node.reason,
    lifecycle: {
      state: node.lifecycle as NodeView["lifecycle"]["state"],
      since: iso(node.lifecycleSince),
    },
    disposition: node.disposition,
    identities: identities.map((identity) => ({
      ...identity,
      validFrom: iso(identity.validFrom),
      validTo: isoOrNull(identity.validTo),
    })),
    lanes: lanes.map((lane) => {
      const at = laneAt(lane, nowMs);
      const { row } = lane;
      return {
        sourceId: row.sourceId,
        sourceName: row.sourceName,
        sourceKind: row.sourceKind,
        submod: row.submod,
        state: at.state,
        since: iso(at.sinceMs),
        firstAt: iso(row.firstAt),
        lastAt: iso(row.lastAt),
        staleAt: isoOrNull(staleAtMs(lane)),
        verdicts: row.n,
      };
    }),
    lastTrustedAt: status === "trusted" ? null : isoOrNull(lastTrusted),
  };
}
