/** EAR: EAT Attestation Results, as Veraison, Trustee and draft-ietf-rats-ear-03 issue them. */
import { tokenSource } from "#lib/sources/shared/token";
import { readEarClaims } from "./claims.ts";
import { namingClaimsOf } from "./identity.ts";
import { verdictsOf } from "./verdict.ts";

const MINUTE_MS = 60_000;

/** Signed attestation results; one token gives one verdict per submodule, all of one node. */
export const earSource = tokenSource({
  kind: "ear",
  label: "EAT Attestation Result (Veraison, Trustee)",
  guide: "connect-ear",
  rawMediaType: "application/eat+jwt",
  staleAfterMs: 15 * MINUTE_MS,
  read(payload) {
    const claims = readEarClaims(payload);
    return {
      times: claims,
      known: namingClaimsOf(claims.submods),
      verdictsAbout: (node) => verdictsOf(claims, node),
    };
  },
});
