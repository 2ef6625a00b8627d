/** Intel Trust Authority: attestation tokens of TDX, SGX, SEV-SNP, TPM and NVIDIA GPU attesters. */
import { timesOf } from "#lib/sources/shared/claims";
import { resolvePointer } from "#lib/sources/shared/pointer";
import { tokenSource } from "#lib/sources/shared/token";
import { readItaClaims } from "./lanes.ts";
import { verdictsOf } from "./verdict.ts";

const MINUTE_MS = 60_000;
/** Azure virtual machines state their id in the runtime data that the evidence is bound to. */
const VM_ID = "/attester_runtime_data/vm-configuration/vmUniqueId";

/** A token is issued whether or not the policies are met; what it says decides. */
export const itaSource = tokenSource({
  kind: "ita",
  label: "Intel Trust Authority",
  guide: "connect-ita",
  rawMediaType: "application/jwt",
  staleAfterMs: 15 * MINUTE_MS,
  read(payload) {
    const claims = readItaClaims(payload);
    const times = timesOf(payload);
    const vmIds = claims.lanes.map(({ claims }) => resolvePointer(claims, VM_ID));
    return {
      times,
      known: [{ kind: "vm_id", name: "vmUniqueId", values: vmIds }],
      verdictsAbout: (node) => verdictsOf(claims, times, node),
    };
  },
});
