/** The claims of an EAT Attestation Result, in either spelling. */
import { z } from "zod";
import { NO_CLAIMS, type Tier, type TrustVector } from "#lib/domain/ar4si";
import { Anything, asMembers, check, type Members, Text, timesOf } from "#lib/sources/shared/claims";
import { laneName } from "#lib/sources/shared/lane-name";
import { Refusal } from "#lib/sources/shared/refusal";
import { tierOfStatus, vectorOfClaims } from "#lib/sources/shared/vector";
import type { StatedTimes } from "#lib/sources/shared/window";

/** draft-ietf-rats-ear-03; the only profile in which a submodule's own nonce is defined. */
export const DRAFT_PROFILE = "tag:ietf.org,2026:rats/ear#03";

const PROFILES: ReadonlySet<unknown> = new Set([
  "tag:github.com,2023:veraison/ear",
  "tag:github.com,2024:confidential-containers/Trustee",
  DRAFT_PROFILE,
]);

/** Every claim with its deployed spelling (veraison/ear) and that of draft-ietf-rats-ear-03. */
const SPELLINGS = {
  verifierId: ["ear.verifier-id", "ear_verifier_id"],
  status: ["ear.status", "ear_status"],
  vector: ["ear.trustworthiness-vector", "ear_trustworthiness_vector"],
  policyIds: ["ear.appraisal-policy-id", "ear_appraisal_policy_ids"],
  annotatedEvidence: ["ear.veraison.annotated-evidence", "ear_veraison_annotated_evidence"],
  policyClaims: ["ear.veraison.policy-claims", "ear_veraison_policy_claims"],
} as const;

const MAX_SUBMODS = 64;

export type EarSubmod = {
  name: string;
  status: Tier;
  vector: TrustVector;
  policyIds: readonly string[];
  /** What the verifier read from the evidence; `{}` when it passes nothing on. */
  annotatedEvidence: Readonly<Record<string, unknown>>;
  /** The verifier's words for why it could not appraise the evidence. */
  problem: string | null;
  hasOwnNonce: boolean;
};

export type EarClaims = StatedTimes & {
  profile: string;
  verifier: { developer: string; build: string };
  /** Status of the whole result; `null` when the token states none. */
  globalStatus: Tier | null;
  submods: readonly EarSubmod[];
};

const Nonce = z.union([Text, z.array(Text).min(1).max(16)]);
const Status = z.unknown().transform((status, ctx) => {
  const tier = tierOfStatus(status);
  if (tier !== null) return tier;
  ctx.addIssue("is not a trust tier");
  return z.NEVER;
});
const Vector = Anything.transform((claims, ctx) => {
  const vector = vectorOfClaims(claims);
  if (vector !== null) return vector;
  ctx.addIssue("holds an unknown claim or a value that is no signed byte");
  return z.NEVER;
});

const Token = z.object({
  profile: Text,
  nonce: Nonce.optional(),
  verifierId: z.object({ developer: Text, build: Text }),
  status: Status.optional(),
  submods: Anything,
});

const Appraisal = z.object({
  status: Status,
  vector: Vector.optional(),
  policyIds: z.union([Text.transform((id) => [id]), z.array(Text).max(32)]).optional(),
  annotatedEvidence: Anything.optional(),
  policyClaims: Anything.optional(),
  nonce: Nonce.optional(),
});

/**
 * Read the claims of a token whose signature has been verified.
 *
 * @throws {Refusal} category `claims`: a valid signature over something that is no complete
 *   attestation result proves nothing
 */
export function readEarClaims(members: Members): EarClaims {
  if (!PROFILES.has(members.eat_profile)) {
    throw new Refusal("claims", "eat_profile is missing or names a profile that is not supported");
  }
  const { eat_profile: profile, eat_nonce: nonce, submods } = members;
  const token = check(
    Token,
    {
      profile,
      nonce,
      submods,
      verifierId: claim(members, "verifierId"),
      status: claim(members, "status"),
    },
    "the token",
  );
  const entries = Object.entries(token.submods);
  if (entries.length === 0 || entries.length > MAX_SUBMODS) {
    throw new Refusal("claims", `a result states 1 to ${MAX_SUBMODS} submodules, this one ${entries.length}`);
  }
  return {
    ...timesOf(members),
    profile: token.profile,
    verifier: token.verifierId,
    globalStatus: token.status ?? null,
    submods: entries.map(([name, submod]) => readSubmod(name, submod)),
  };
}

function readSubmod(name: string, value: unknown): EarSubmod {
  const where = `submodule ${laneName(name)}`;
  const members = asMembers(value, where);
  const appraisal = check(
    Appraisal,
    {
      status: claim(members, "status"),
      vector: claim(members, "vector"),
      policyIds: claim(members, "policyIds"),
      annotatedEvidence: claim(members, "annotatedEvidence"),
      policyClaims: claim(members, "policyClaims"),
      nonce: members.eat_nonce,
    },
    where,
  );
  const problem = appraisal.policyClaims?.problem;
  return {
    name,
    status: appraisal.status,
    vector: appraisal.vector ?? NO_CLAIMS,
    policyIds: appraisal.policyIds ?? [],
    annotatedEvidence: appraisal.annotatedEvidence ?? {},
    problem: typeof problem === "string" && problem !== "" ? problem : null,
    hasOwnNonce: appraisal.nonce !== undefined,
  };
}

/** The claim in whichever spelling is there. Both at once could contradict each other. */
function claim(members: Members, name: keyof typeof SPELLINGS): unknown {
  const [deployed, draft] = SPELLINGS[name];
  if (members[deployed] !== undefined && members[draft] !== undefined) {
    throw new Refusal("claims", `${deployed} and ${draft} are both there`);
  }
  return members[deployed] ?? members[draft];
}
