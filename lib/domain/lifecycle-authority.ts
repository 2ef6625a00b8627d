/** Which phases of the life cycle a new source's bootstrap events may drive, by its kind. */
import type { BootstrapPhase } from "./bootstrap-event.ts";

export const BOOTSTRAP_PHASES = [
  "provisioning",
  "enrollment",
  "operation",
  "remediation",
  "decommission",
] as const satisfies readonly BootstrapPhase[];

export type LifecycleAuthority = {
  authoritativeFor: readonly BootstrapPhase[];
  /** It may introduce nodes that nobody provisioned here. */
  introducesNodes: boolean;
};

const NONE: LifecycleAuthority = { authoritativeFor: [], introducesNodes: false };

/** An open sender: its operator wrote it for this product, but bans and removals need their own say. */
const OPEN: LifecycleAuthority = {
  authoritativeFor: ["provisioning", "enrollment", "operation"],
  introducesNodes: true,
};
/** Issues identities, bans and evicts them: what it says about them is what was done. */
const IDENTITY_PROVIDER: LifecycleAuthority = {
  authoritativeFor: ["enrollment", "operation", "remediation"],
  introducesNodes: true,
};
const ISSUER: LifecycleAuthority = { authoritativeFor: ["enrollment", "operation"], introducesNodes: true };
const PROVISIONER: LifecycleAuthority = {
  authoritativeFor: ["provisioning", "operation", "decommission"],
  introducesNodes: false,
};

const BY_KIND: Readonly<Record<string, LifecycleAuthority>> = {
  generic: OPEN,
  "standard-webhooks": OPEN,
  spire: IDENTITY_PROVIDER,
  teleport: IDENTITY_PROVIDER,
  "step-ca": ISSUER,
  tailscale: ISSUER,
  kubernetes: ISSUER,
  fdo: { authoritativeFor: ["provisioning", "enrollment"], introducesNodes: true },
  "cluster-api": PROVISIONER,
  metal3: PROVISIONER,
  tinkerbell: PROVISIONER,
};

/** Verifiers, and kinds that this version does not know, have none: their events are only shown. */
export function defaultAuthority(kind: string): LifecycleAuthority {
  return BY_KIND[kind] ?? NONE;
}
