/** The kinds of changes that need a second person; a new one is a line here. */
import "server-only";
import { distrustImpact } from "#lib/ingest/distrust-impact";
import { publishBaselineKind } from "#lib/services/baseline/publish";
import { rollbackBaselineKind, rolloutBaselineKind } from "#lib/services/baseline/roll";
import type { ChangeKind } from "#lib/services/change-request/kinds";
import { rebindNode } from "#lib/services/identity/rebind";
import { enforcePolicyKind } from "#lib/services/policy/enforce";
import { distrustKeyKind } from "#lib/services/source/distrust-key";
import { movesOf } from "./baseline-moves.ts";
import { policyTools } from "./policy-tools.ts";
import { database } from "./runtime.ts";
import { sealer } from "./secret.ts";

const KINDS: readonly ChangeKind[] = [
  // The worker's own computation on the worker's own connection; the key was found with the caller's rights.
  distrustKeyKind((ctx, key) => distrustImpact(database().$client, key, ctx.now())),
  rebindNode,
  publishBaselineKind(sealer, movesOf),
  rolloutBaselineKind(movesOf),
  rollbackBaselineKind(movesOf),
  enforcePolicyKind(policyTools.impactOf),
];

export function changeKinds(): readonly ChangeKind[] {
  return KINDS;
}
