/** Legacy tokens of the Confidential Containers Attestation Service ("simple" tokens, before EAR). */
import { tokenSource } from "#lib/sources/shared/token";
import { readSimpleClaims } from "./claims.ts";
import { verdictOf } from "./verdict.ts";

const MINUTE_MS = 60_000;

/** Signed with a key that the payload carries along; only the registered one counts. */
export const cocoSimpleSource = tokenSource({
  kind: "coco-simple",
  label: "Confidential Containers, legacy token",
  guide: "connect-coco-simple",
  rawMediaType: "application/jwt",
  staleAfterMs: 15 * MINUTE_MS,
  read(payload) {
    const claims = readSimpleClaims(payload);
    return { times: claims.times, known: [], verdictsAbout: (node) => [verdictOf(claims, node)] };
  },
});
