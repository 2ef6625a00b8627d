/** Which policies there are, and what is in force. */
import {
  type PolicyRow,
  policyActivationList,
  policyFind,
  policyList,
  policyProgress,
  policyShadowList,
  policyVersionList,
} from "#db/queries/policy";
import type { PolicyList, PolicySummary, PolicyView } from "#lib/contracts/policy";
import type { TrustStatus } from "#lib/domain/trust-status";
import { type PolicyBundle, readBundle } from "#lib/policy/bundle";
import { BUILT_IN } from "#lib/policy/course";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { policyNamed } from "./resolve.ts";
import { activationView, isOpen, ruleViews, versionView } from "./view.ts";

/** Nodes of a shadow that are listed; their total is always told. */
const LISTED = 100;

export async function policies(ctx: ServiceContext): Promise<PolicyList> {
  const scope = readScope(ctx, "policy:read");
  const items = [builtInSummary()];
  for (const row of await policyList(ctx.db, scope)) items.push((await loaded(ctx, row)).summary);
  return { items, deciding: await policyProgress(ctx.db, scope) };
}

/** @throws {ProblemError} `policy/not-found` */
export async function policyGet(ctx: ServiceContext, { name }: { name: string }): Promise<PolicyView> {
  const scope = readScope(ctx, "policy:read");
  if (name === BUILT_IN.bundle.name && !(await policyFind(ctx.db, scope, name))) {
    const none = { versions: [], activations: [], shadow: { total: 0, items: [] } };
    return { ...builtInSummary(), ruleList: ruleViews(BUILT_IN.bundle), ...none };
  }
  const { summary, bundle, versions, activations } = await loaded(ctx, await policyNamed(ctx.db, ctx, name));
  const shadows = activations.filter((row) => row.stage === "shadow" && isOpen(row)).map(({ id }) => id);
  const differing = await policyShadowList(ctx.db, scope, shadows, LISTED);
  return {
    ...summary,
    ruleList: bundle ? ruleViews(bundle) : [],
    versions: versions.map((row) => versionView(row, activations)),
    activations: activations.map(activationView),
    shadow: {
      total: differing[0]?.total ?? 0,
      items: differing.map(({ activationId, nodeId, name: nodeName, state, shadowState, ...row }) => ({
        ...{ activationId, nodeId, name: nodeName, ruleId: row.ruleId, reason: row.shadowReason },
        from: state as TrustStatus,
        to: shadowState as TrustStatus,
        since: row.since.toISOString(),
      })),
    },
  };
}

const builtInSummary = (): PolicySummary => ({
  name: BUILT_IN.bundle.name,
  builtIn: true,
  description: BUILT_IN.bundle.description,
  rules: BUILT_IN.bundle.rules.length,
  version: 1,
  active: [],
});

async function loaded({ db }: ServiceContext, row: PolicyRow) {
  const { trustDomainId, id: policyId, name } = row;
  const versions = await policyVersionList(db, { trustDomainId, policyId });
  const activations = await policyActivationList(db, [trustDomainId], policyId);
  const read = readBundle(versions[0]?.text ?? "");
  const bundle: PolicyBundle | null = read.ok ? read.bundle : null;
  const summary: PolicySummary = {
    ...{ name, builtIn: false, description: bundle?.description ?? "", rules: bundle?.rules.length ?? 0 },
    version: versions[0]?.version ?? 0,
    active: activations.filter(isOpen).map(activationView),
  };
  return { summary, bundle, versions, activations };
}
