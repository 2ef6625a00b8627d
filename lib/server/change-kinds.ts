/** The kinds of changes that need a second person; a new one is a line here. */
import "server-only";
import { distrustImpact } from "#lib/ingest/distrust-impact";
import type { ChangeKind } from "#lib/services/change-request/kinds";
import { rebindNode } from "#lib/services/identity/rebind";
import { enforcePolicyKind } from "#lib/services/policy/enforce";
import { distrustKeyKind } from "#lib/services/source/distrust-key";
import { policyTools } from "./policy-tools.ts";

const KINDS: readonly ChangeKind[] = [
  distrustKeyKind((ctx, key) => distrustImpact(ctx.db.$client, key, ctx.now())),
  rebindNode,
  enforcePolicyKind(policyTools.impactOf),
];

export function changeKinds(): readonly ChangeKind[] {
  return KINDS;
}
