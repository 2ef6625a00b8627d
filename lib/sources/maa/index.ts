/** Microsoft Azure Attestation: tokens of confidential and trusted-launch machines, and of SGX enclaves. */
import { timesOf } from "#lib/sources/shared/claims";
import { tokenSource } from "#lib/sources/shared/token";
import { namingClaimsOf, readMaaClaims, verdictOf } from "./verdict.ts";

const HOUR_MS = 3_600_000;

/** Azure issues no token when its policy denies; what arrives here has passed it. */
export const maaSource = tokenSource({
  kind: "maa",
  label: "Microsoft Azure Attestation",
  guide: "connect-maa",
  rawMediaType: "application/jwt",
  staleAfterMs: 9 * HOUR_MS,
  read(payload) {
    const claims = readMaaClaims(payload);
    const times = timesOf(payload);
    return {
      times,
      known: namingClaimsOf(claims),
      verdictsAbout: (node) => [verdictOf(claims, times, node)],
    };
  },
});
