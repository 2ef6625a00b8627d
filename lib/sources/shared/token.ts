/** Sources whose messages are one compact JWS around a JSON object of claims. */
import type { NodeIdentity, Verdict } from "#lib/domain/verdict";
import { type Source, VERDICT_EVENT_TYPE } from "#lib/sources/contract";
import { asMembers, type Members } from "./claims.ts";
import { identityOf, type NamingClaim } from "./identity.ts";
import { verifyJws } from "./jws.ts";
import { readJson, readOrRefuse, requireSize } from "./refusal.ts";
import { requireWithinWindow, type StatedTimes } from "./window.ts";

const MINUTE_MS = 60_000;

/** What the claims of one token come to. */
export type TokenContent = {
  times: StatedTimes;
  /** Claims that name the device, in order of preference. */
  known: readonly NamingClaim[];
  verdictsAbout(node: NodeIdentity): readonly Verdict[];
};

export type TokenFormat = Pick<Source, "kind" | "label" | "guide"> & {
  /** Media type under which tokens are kept. */
  rawMediaType: string;
  staleAfterMs: number;
  /** Reads claims whose signature has been verified. Throws a `Refusal` for what it cannot accept. */
  read(claims: Members): TokenContent;
};

/**
 * A source of signed tokens. The order is fixed: form, algorithm, key, signature, schema, claims,
 * time window. Every verdict rests on the whole token.
 */
export function tokenSource({ rawMediaType, staleAfterMs, read, ...names }: TokenFormat): Source {
  return {
    ...names,
    eventTypes: [VERDICT_EVENT_TYPE],
    unsignedAllowed: false,
    defaults: {
      nodeIdPointer: null,
      acceptPastMs: 5 * MINUTE_MS,
      acceptFutureMs: 5 * MINUTE_MS,
      staleAfterMs,
    },
    interpret({ body, subject }, context) {
      return readOrRefuse(body, async () => {
        requireSize(body);
        const { payload, raw, signature } = await verifyJws(body, context.keys);
        const claims = readClaims(payload);
        const { times, known, verdictsAbout } = read(claims);
        const pointer = context.settings.nodeIdPointer;
        const verdicts = verdictsAbout(identityOf({ subject, pointer, payload: claims, known }));
        requireWithinWindow(times, context);
        const origin = { raw, rawMediaType, signature };
        const items = verdicts.map((verdict) => ({ kind: "verdict" as const, verdict, ...origin }));
        return { items, rejections: [] };
      });
    },
  };
}

/**
 * The claims in a verified payload. Evidence that is passed on may hold 64-bit counters, and some
 * ids are written as numbers; both are kept digit by digit, as text.
 *
 * @throws {Refusal} when the payload is no acceptable JSON object
 */
export function readClaims(payload: Uint8Array, what = "the token"): Members {
  return asMembers(readJson(payload, `${what}'s payload`, { integers: "text" }), what);
}
