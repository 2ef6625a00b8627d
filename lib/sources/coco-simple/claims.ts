/** The claims of the "simple" token that the CoCo Attestation Service issued before EAR. */
import { z } from "zod";
import { Anything, check, type Members, Seconds, Text } from "#lib/sources/shared/claims";
import { parseJson } from "#lib/sources/shared/json";
import { Refusal } from "#lib/sources/shared/refusal";
import type { StatedTimes } from "#lib/sources/shared/window";

const MAX_REPORTS = 64;

export type PolicyReport = {
  id: string;
  /** Whether the policy allows the guest; `null` when its result does not say so in a known form. */
  allow: boolean | null;
};

export type SimpleClaims = {
  times: StatedTimes;
  issuer: string | null;
  reports: readonly PolicyReport[];
  /** What the service read from the evidence, under dotted names such as `sgx.body.mr_enclave`. */
  tcb: Members;
};

const Token = z.object({
  iss: Text.optional(),
  iat: Seconds.optional(),
  nbf: Seconds.optional(),
  exp: Seconds.optional(),
  "evaluation-reports": z.array(z.object({ "policy-id": Text, "evaluation-result": z.unknown() })),
  "tcb-status": Anything,
});

/**
 * Read the claims of a token whose signature has been verified.
 *
 * The token states no `iat`; it is valid from the moment it was issued (`nbf`).
 *
 * @throws {Refusal} category `claims`
 */
export function readSimpleClaims(members: Members): SimpleClaims {
  const token = check(Token, members, "the token");
  const { iss, iat, nbf, exp, "evaluation-reports": reports, "tcb-status": tcb } = token;
  const issuedAtMs = iat ?? nbf;
  if (issuedAtMs === undefined) throw new Refusal("claims", "the token is not dated: neither iat nor nbf");
  if (reports.length === 0 || reports.length > MAX_REPORTS) {
    throw new Refusal(
      "claims",
      `a token holds 1 to ${MAX_REPORTS} policy results, this one ${reports.length}`,
    );
  }
  if (Object.keys(tcb).length === 0) throw new Refusal("claims", "tcb-status is empty");
  return {
    times: { issuedAtMs, notBeforeMs: nbf ?? null, expiresAtMs: exp ?? null },
    issuer: iss ?? null,
    reports: reports.map((report) => ({
      id: report["policy-id"],
      allow: allowOf(report["evaluation-result"]),
    })),
    tcb,
  };
}

/** The result is JSON inside a string: what the policy engine printed. */
function allowOf(result: unknown): boolean | null {
  const parsed = Anything.safeParse(typeof result === "string" ? parsedOrNull(result) : result);
  const allow = parsed.data?.allow;
  return typeof allow === "boolean" ? allow : null;
}

function parsedOrNull(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}
