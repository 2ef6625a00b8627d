/** EAR: EAT Attestation Results, as Veraison, Trustee and draft-ietf-rats-ear-03 issue them. */
import { type Source, VERDICT_EVENT_TYPE } from "#lib/sources/contract";
import { verifyJws } from "#lib/sources/shared/jws";
import { Refusal, readJson, readOrRefuse, requireSize } from "#lib/sources/shared/refusal";
import { requireWithinWindow } from "#lib/sources/shared/window";
import { readEarClaims } from "./claims.ts";
import { identityOf } from "./identity.ts";
import { verdictsOf } from "./verdict.ts";

const MINUTE_MS = 60_000;

/** Signed attestation results; one token gives one verdict per submodule, all of one node. */
export const earSource: Source = {
  kind: "ear",
  label: "EAT Attestation Result (Veraison, Trustee)",
  guide: "connect-ear",
  eventTypes: [VERDICT_EVENT_TYPE],
  unsignedAllowed: false,
  defaults: {
    nodeIdPointer: null,
    acceptPastMs: 5 * MINUTE_MS,
    acceptFutureMs: 5 * MINUTE_MS,
    staleAfterMs: 15 * MINUTE_MS,
  },
  interpret({ body, subject }, context) {
    return readOrRefuse(body, async () => {
      requireSize(body);
      const { payload: bytes, raw, signature } = await verifyJws(body, context.keys);
      // Evidence passed on by the verifier may hold 64-bit counters; they are kept as text.
      const payload = readJson(bytes, "the token's payload", { integers: "text" });
      const claims = readEarClaims(payload);
      const { nodeIdPointer } = context.settings;
      const identity = identityOf({ subject, pointer: nodeIdPointer, payload, submods: claims.submods });
      if (claims.expiresAtMs !== null && claims.expiresAtMs < claims.issuedAtMs) {
        throw new Refusal("claims", "the token expires before it was issued");
      }
      requireWithinWindow(claims, context);
      const rawMediaType = "application/eat+jwt";
      const items = verdictsOf(claims, identity).map((verdict) => {
        return { kind: "verdict" as const, verdict, raw, rawMediaType, signature };
      });
      return { items, rejections: [] };
    });
  },
};
