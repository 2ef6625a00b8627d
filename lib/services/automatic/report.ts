/** What containment without a person did or would have done. */
import { automaticFind, judgementList } from "#db/queries/automatic";
import type { AutomaticReport } from "#lib/contracts/automatic";
import type { ServiceContext } from "#lib/services/context";
import { domainFor } from "#lib/services/domain";
import { readScope } from "#lib/services/guard";
import { settingView } from "./set.ts";

const SHOWN = 200;

export async function automaticReport(ctx: ServiceContext): Promise<AutomaticReport> {
  const scope = readScope(ctx, "remediation:read");
  const setting = await automaticFind(ctx.db, domainFor({ ...ctx.actor, trustDomainIds: scope }));
  const rows = await judgementList(ctx.db, scope, SHOWN);
  return {
    setting: settingView(setting),
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
