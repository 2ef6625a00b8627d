/** Intel Trust Authority's claims, brought to one form: attesters, each with its claims. */
import { z } from "zod";
import { Anything, asMembers, check, type Members, Text } from "#lib/sources/shared/claims";
import { Refusal } from "#lib/sources/shared/refusal";

/** Attesters by the name under which version 2 nests their claims, with the lane they become. */
const LANES: ReadonlyMap<string, string> = new Map([
  ["tdx", "tdx"],
  ["sgx", "sgx"],
  ["sevsnp", "sevsnp"],
  ["tpm", "tpm"],
  ["tpm_claims", "tpm"],
  ["nvgpu", "nvgpu"],
]);

/** Claims whose name changed in more than its prefix when `amber_*` was given up in 2023. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ["tcb_status", "attester_tcb_status"],
  ["evidence_type", "attester_type"],
  ["tee_held_data", "attester_held_data"],
  ["report_data", "attester_report_data"],
]);
const OLD_PREFIX = "amber_";

/** The old 1.0, 1.0.0 flat, 2.0.0 nested; some attesters state theirs with a `v`. */
const VERSION = /^v?[12]\.\d+(\.\d+)?$/;

export type Policy = { id: string; version: string | null };
export type Lane = { name: string; claims: Members };
export type ItaClaims = {
  issuer: string | null;
  lanes: readonly Lane[];
  matched: readonly Policy[];
  /** Policies that were asked for and are not met; of all attesters, as the token does not tell. */
  unmatched: readonly Policy[];
  /** Whether the evidence holds a nonce that Trust Authority itself made and signed. */
  hasVerifierNonce: boolean;
};

const PolicyRef = z
  .object({ id: Text, version: z.union([Text, z.number()]).optional() })
  .transform(({ id, version }): Policy => ({ id, version: version === undefined ? null : String(version) }));
const Policies = z.array(PolicyRef).max(64).nullish();
const Frame = z.object({
  iss: Text.optional(),
  ver: Text.regex(VERSION).optional(),
  policy_ids_matched: Policies,
  policy_ids_unmatched: Policies,
  verifier_nonce: Anything.optional(),
  amber_signed_nonce: z.boolean().optional(),
});

/**
 * Read the claims of a token whose signature has been verified.
 *
 * An attester that is not known is not skipped: it could be the one that is bad.
 *
 * @throws {Refusal} category `claims`
 */
export function readItaClaims(members: Members): ItaClaims {
  const lanes = lanesOf(members);
  const frames = [members, ...lanes.map(({ claims }) => claims)].map((part) =>
    check(Frame, part, "the token"),
  );
  if (frames.every(({ ver }) => ver === undefined)) {
    throw new Refusal("claims", "ver is missing: this is no Trust Authority token");
  }
  return {
    issuer: frames[0]?.iss ?? null,
    lanes,
    matched: distinct(frames.flatMap(({ policy_ids_matched: policies }) => policies ?? [])),
    unmatched: distinct(frames.flatMap(({ policy_ids_unmatched: policies }) => policies ?? [])),
    hasVerifierNonce: frames.some((frame) => frame.verifier_nonce !== undefined || frame.amber_signed_nonce),
  };
}

function lanesOf(members: Members): Lane[] {
  const nested = Object.keys(members).filter((name) => LANES.has(name) || isAttester(members[name]));
  if (nested.length === 0) return [flatLane(members)];
  if (members.attester_type !== undefined) {
    throw new Refusal("claims", "claims of an attester stand both in a part of their own and beside it");
  }
  const lanes = nested.map((part) => {
    const name = LANES.get(part);
    if (name === undefined)
      throw new Refusal("claims", `the token is about an attester that is not known: ${part}`);
    return { name, claims: asMembers(members[part], part) };
  });
  if (new Set(lanes.map(({ name }) => name)).size < lanes.length) {
    throw new Refusal("claims", "an attester occurs twice");
  }
  return lanes;
}

function isAttester(value: unknown): boolean {
  return typeof value === "object" && value !== null && "attester_type" in value;
}

/** Version 1: one attester, its claims at the top. */
function flatLane(members: Members): Lane {
  const claims = withNewNames(members);
  const type = claims.attester_type;
  const name = typeof type === "string" ? LANES.get(type.toLowerCase().replaceAll(/[_-]/g, "")) : undefined;
  if (name === undefined) throw new Refusal("claims", "attester_type is missing or not known");
  return { name, claims };
}

function withNewNames(members: Members): Members {
  const claims: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(members)) {
    const bare = name.startsWith(OLD_PREFIX) ? name.slice(OLD_PREFIX.length) : null;
    const current = bare === null || bare === "signed_nonce" ? name : (RENAMED.get(bare) ?? bare);
    if (current !== name && current in members) {
      throw new Refusal("claims", `${name} and ${current} are both there`);
    }
    claims[current] = value;
  }
  return claims;
}

function distinct(policies: readonly Policy[]): Policy[] {
  return [...new Map(policies.map((policy) => [`${policy.id} ${policy.version}`, policy])).values()];
}
