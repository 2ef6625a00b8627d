/** Claims in annotated evidence that name the device. */
import type { IdentityKind } from "#lib/domain/verdict";
import type { NamingClaim } from "#lib/sources/shared/identity";
import { resolvePointer } from "#lib/sources/shared/pointer";
import type { EarSubmod } from "./claims.ts";

const NAMING_CLAIMS: readonly { kind: IdentityKind; name: string; pointers: readonly string[] }[] = [
  { kind: "psa_instance", name: "psa-instance-id", pointers: ["/psa-instance-id"] },
  {
    kind: "cca_platform_instance",
    name: "cca-platform-instance-id",
    pointers: ["/cca-platform-instance-id", "/cca/platform/cca-platform-instance-id"],
  },
  { kind: "ueid", name: "ueid", pointers: ["/ueid"] },
  { kind: "custom", name: "node-id", pointers: ["/node-id"] },
];

/** What the evidence of all submodules says about who the device is, in order of preference. */
export function namingClaimsOf(submods: readonly EarSubmod[]): NamingClaim[] {
  return NAMING_CLAIMS.map(({ kind, name, pointers }) => ({
    kind,
    name,
    values: submods.flatMap(({ annotatedEvidence }) =>
      pointers.map((at) => resolvePointer(annotatedEvidence, at)),
    ),
  }));
}
