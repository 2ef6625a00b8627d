/** The limits of every visible domain, and what they allow in it now. */
import type { Conn } from "#db/client";
import { type PlaceRow, placeCounts } from "#db/queries/remediation-facts";
import { limitsInForceRow, limitsNewest } from "#db/queries/remediation-limits";
import { trustDomainRows } from "#db/queries/trust-domain";
import {
  type LimitsRoom,
  PreviewLimitsBody,
  type RemediationLimitsView,
} from "#lib/contracts/remediation-limits";
import { poolRoom } from "#lib/domain/blast-radius";
import { ProblemError } from "#lib/domain/problems";
import { BUILT_IN_LIMITS, placeLabelNames, type RemediationLimits } from "#lib/domain/remediation-limits";
import { memberOf } from "#lib/domain/remediation-plan";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { parseInput } from "#lib/services/input";
import { iso } from "#lib/services/instant";

const SHOWN = 100;

/** What a plan of the domain is checked against. */
export async function limitsInForce(conn: Conn, trustDomainId: string): Promise<RemediationLimits> {
  return valuesOf((await limitsInForceRow(conn, trustDomainId))?.content);
}

/** A version from before a limit existed says nothing about it: the built-in one holds. */
const valuesOf = (content: RemediationLimits | undefined): RemediationLimits => ({
  ...BUILT_IN_LIMITS,
  ...content,
});

/** @throws {ProblemError} `auth/forbidden` */
export async function remediationLimits(ctx: ServiceContext): Promise<RemediationLimitsView> {
  const scope = readScope(ctx, "remediation:read");
  const visible = await trustDomainRows(ctx.db, scope);
  const newest = new Map((await limitsNewest(ctx.db, scope)).map((row) => [row.trustDomainId, row]));
  const domains: RemediationLimitsView["domains"] = [];
  for (const { id, name } of visible) {
    const own = newest.get(id);
    const row = await limitsInForceRow(ctx.db, id);
    const limits = valuesOf(row?.content);
    domains.push({
      trustDomainId: id,
      name,
      version: own?.version ?? 0,
      origin: row === undefined ? "built_in" : row.trustDomainId === id ? "own" : "inherited",
      limits: viewOf(limits),
      reason: own?.reason ?? null,
      changedAt: own ? iso(own.validFrom.getTime()) : null,
      changedBy: own?.authorEmail ?? null,
      now: await roomOf(ctx.db, id, limits),
    });
  }
  return { domains };
}

/**
 * What other limits would allow in a domain now; nothing is stored.
 *
 * @throws {ProblemError} `domain/not-found`, `request/invalid`
 */
export async function previewLimits(ctx: ServiceContext, body: PreviewLimitsBody): Promise<LimitsRoom> {
  const { trustDomainId, limits } = parseInput(PreviewLimitsBody, body);
  if (!readScope(ctx, "remediation:read").includes(trustDomainId))
    throw new ProblemError("domain/not-found", `No trust domain ${trustDomainId}.`);
  return roomOf(ctx.db, trustDomainId, limits);
}

/** As the API shows them: lists of their own. */
export const viewOf = (limits: RemediationLimits): RemediationLimitsView["domains"][number]["limits"] => ({
  ...limits,
  poolLabels: [...limits.poolLabels],
  failureDomainLabels: [...limits.failureDomainLabels],
  controlPlaneLabels: [...limits.controlPlaneLabels],
});

type Place = ReturnType<typeof memberOf> & { n: number };

async function roomOf(conn: Conn, trustDomainId: string, limits: RemediationLimits): Promise<LimitsRoom> {
  const rows = await placeCounts(conn, trustDomainId, placeLabelNames(limits));
  const places = rows.map(
    (row: PlaceRow): Place => ({
      ...memberOf({ nodeId: "", name: "", ...row }, limits),
      n: row.n,
    }),
  );
  const pools = [...Map.groupBy(places, ({ pool }) => pool)].map(([name, own]) => poolOf(name, own, limits));
  const members = places.filter(({ quorum }) => quorum !== null);
  const quorums = [...Map.groupBy(members, ({ quorum }) => quorum ?? "")];
  return {
    nodes: count(places),
    pools: pools
      .sort((a, b) => b.away - b.mayBeAway - (a.away - a.mayBeAway) || byName(a, b))
      .slice(0, SHOWN),
    poolsTotal: pools.length,
    singlePools: pools.filter(({ nodes }) => nodes === 1).length,
    quorums: quorums
      .map(([name, own]) => quorumOf(name, own, limits))
      .sort(byName)
      .slice(0, SHOWN),
  };
}

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
const count = (places: readonly Place[]): number => places.reduce((sum, { n }) => sum + n, 0);
const awayOf = (places: readonly Place[]) => places.filter(({ unavailable }) => unavailable !== null);

function poolOf(
  name: string,
  places: readonly Place[],
  limits: RemediationLimits,
): LimitsRoom["pools"][number] {
  const nodes = count(places);
  const away = awayOf(places);
  const { mayBeAway } = poolRoom(nodes, limits);
  const awayDomains = new Set(away.flatMap(({ failureDomain }) => failureDomain ?? [])).size;
  return { name, nodes, mayBeAway, away: count(away), awayDomains };
}

function quorumOf(
  name: string,
  places: readonly Place[],
  { quorumAtATime }: RemediationLimits,
): LimitsRoom["quorums"][number] {
  const members = count(places);
  const away = count(awayOf(places));
  const majority = Math.floor(members / 2) + 1;
  return { name, members, away, majority, oneMore: quorumAtATime > 0 && members - away - 1 >= majority };
}
