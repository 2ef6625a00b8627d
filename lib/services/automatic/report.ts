/** What containment without a person did or would have done, and what would hold it back now. */
import { automaticFind, automaticStarts, judgementList, judgementSums } from "#db/queries/automatic";
import { breakerIncident } from "#db/queries/incident";
import { pausesNow } from "#db/queries/remediation-facts";
import { trustDomainRows } from "#db/queries/trust-domain";
import type { AutomaticReport } from "#lib/contracts/automatic";
import { autoBudget, STORM_WINDOW_MS } from "#lib/domain/blast-radius";
import type { ServiceContext } from "#lib/services/context";
import { domainFor } from "#lib/services/domain";
import { readScope } from "#lib/services/guard";
import { stormNow } from "#lib/services/remediation/facts";
import { limitsInForce } from "#lib/services/remediation/limits";
import { settingView } from "./set.ts";

const SHOWN = 200;

export async function automaticReport(ctx: ServiceContext): Promise<AutomaticReport> {
  const scope = readScope(ctx, "remediation:read");
  const trustDomainId = domainFor({ ...ctx.actor, trustDomainIds: scope });
  const setting = await automaticFind(ctx.db, trustDomainId);
  const [domain] = await trustDomainRows(ctx.db, [trustDomainId]);
  const rows = await judgementList(ctx.db, scope, SHOWN);
  return {
    setting: settingView(setting, setting?.email ?? null),
    domain: { id: trustDomainId, name: domain?.name ?? "" },
    breaker: await breakerOf(ctx, trustDomainId),
    sums: await judgementSums(ctx.db, trustDomainId, setting?.changedAt ?? ctx.now()),
    items: rows.map(
      ({ nodeId, nodeName, failedAt, judgedAt, why, policyVersion, evidenceDigest, ...row }) => ({
        ...{ nodeId, nodeName, why, policyVersion, evidenceDigest, requestId: row.requestId },
        failedAt: failedAt.toISOString(),
        judgedAt: judgedAt.toISOString(),
        mode: row.mode as AutomaticReport["items"][number]["mode"],
        outcome: row.outcome as AutomaticReport["items"][number]["outcome"],
        heldBy: row.heldBy as AutomaticReport["items"][number]["heldBy"],
      }),
    ),
  };
}

async function breakerOf(
  { db, now }: ServiceContext,
  trustDomainId: string,
): Promise<AutomaticReport["breaker"]> {
  const at = now();
  const limits = await limitsInForce(db, trustDomainId);
  const storm = await stormNow(db, trustDomainId, limits, at);
  const incident = await breakerIncident(db, trustDomainId);
  const pauses = await pausesNow(db, [trustDomainId], at);
  const starts = await automaticStarts(db, trustDomainId, new Date(at.getTime() - STORM_WINDOW_MS));
  const { autoPerWindow: perWindow } = limits;
  return {
    storm: storm && {
      ...{ nodes: storm.nodes, pools: storm.pools, reason: storm.reason },
      since: new Date(storm.sinceMs).toISOString(),
    },
    incident: incident ? { id: incident.id, title: incident.title } : null,
    pauses: pauses.map(({ reason, email, expiresAt }) => ({
      ...{ reason, madeBy: email },
      until: expiresAt.toISOString(),
    })),
    budget: { left: autoBudget(starts, at.getTime(), perWindow), perWindow },
  };
}
