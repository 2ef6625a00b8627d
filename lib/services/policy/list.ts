/** Which policies there are, and what is in force. */
import {
  type PolicyRow,
  policyActivationList,
  policyDecided,
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
import { DEFAULT_POLICY_TEXT } from "#lib/policy/default-policy";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { policyNamed } from "./resolve.ts";
import { activationView, isOpen, ruleViews, versionView } from "./view.ts";

/** Nodes of a shadow that are listed; their total is always told. */
const LISTED = 100;

export async function policies(ctx: ServiceContext): Promise<PolicyList> {
  const scope = readScope(ctx, "policy:read");
  const decided = await policyDecided(ctx.db, scope);
  const items = [builtInSummary(decided)];
  for (const row of await policyList(ctx.db, scope)) items.push((await loaded(ctx, row, decided)).summary);
  return { items, deciding: await policyProgress(ctx.db, scope) };
}

/** @throws {ProblemError} `policy/not-found` */
export async function policyGet(ctx: ServiceContext, { name }: { name: string }): Promise<PolicyView> {
  const scope = readScope(ctx, "policy:read");
  const decided = await policyDecided(ctx.db, scope);
  if (name === BUILT_IN.bundle.name && !(await policyFind(ctx.db, scope, name))) {
    const none = { versions: [], activations: [], shadow: { total: 0, items: [] } };
    const said = { text: DEFAULT_POLICY_TEXT, ruleList: ruleViews(BUILT_IN.bundle) };
    return { ...builtInSummary(decided), ...said, ...none };
  }
  const row = await policyNamed(ctx.db, ctx, name);
  const { summary, bundle, versions, activations } = await loaded(ctx, row, decided);
  const shadows = activations.filter((row) => row.stage === "shadow" && isOpen(row)).map(({ id }) => id);
  const differing = await policyShadowList(ctx.db, scope, shadows, LISTED);
  return {
    ...summary,
    text: versions[0]?.text ?? "",
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

type Decided = Awaited<ReturnType<typeof policyDecided>>;

const nodesOf = (decided: Decided): number => decided.reduce((sum, { nodes }) => sum + nodes, 0);

const builtInSummary = (decided: Decided): PolicySummary => ({
  name: BUILT_IN.bundle.name,
  builtIn: true,
  description: BUILT_IN.bundle.description,
  rules: BUILT_IN.bundle.rules.length,
  version: 1,
  active: [],
  decides: nodesOf(decided.filter(({ name }) => name === BUILT_IN.bundle.name)),
});

async function loaded({ db }: ServiceContext, row: PolicyRow, decided: Decided) {
  const { trustDomainId, id: policyId, name } = row;
  const versions = await policyVersionList(db, { trustDomainId, policyId });
  const activations = await policyActivationList(db, [trustDomainId], policyId);
  const read = readBundle(versions[0]?.text ?? "");
  const bundle: PolicyBundle | null = read.ok ? read.bundle : null;
  const summary: PolicySummary = {
    ...{ name, builtIn: false, description: bundle?.description ?? "", rules: bundle?.rules.length ?? 0 },
    version: versions[0]?.version ?? 0,
    active: activations.filter(isOpen).map(activationView),
    decides: nodesOf(decided.filter((one) => one.name === name && one.trustDomainId === trustDomainId)),
  };
  return { summary, bundle, versions, activations };
}
