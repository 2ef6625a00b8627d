/** SLSA Verification Summary Attestation v1 inside an in-toto Statement v1. */
import { z } from "zod";
import { Anything, asMembers, check, type Members, Text } from "#lib/sources/shared/claims";
import { Refusal } from "#lib/sources/shared/refusal";
import { parseInstant } from "#lib/sources/shared/window";

const MAX_SUBJECTS = 64;

const Digests = z
  .record(z.string().regex(/^[a-zA-Z0-9_-]{1,32}$/), z.string().regex(/^[0-9a-zA-Z+/=_:-]{1,256}$/))
  .refine((digests) => Object.keys(digests).length > 0, "names no digest");
const Instant = z.string().transform((text, ctx) => {
  const timeMs = parseInstant(text);
  if (timeMs !== null) return timeMs;
  ctx.addIssue("is not a date and time with zone");
  return z.NEVER;
});

const Statement = z.object({
  _type: z.literal("https://in-toto.io/Statement/v1"),
  predicateType: z.literal("https://slsa.dev/verification_summary/v1"),
  subject: z
    .array(z.object({ name: z.string().max(200).optional(), digest: Digests }))
    .min(1)
    .max(MAX_SUBJECTS),
  predicate: z.object({
    verifier: z.object({ id: Text, version: Anything.optional() }),
    timeVerified: Instant,
    resourceUri: z.string().min(1).max(512),
    policy: z.object({ uri: Text.optional(), digest: Digests.optional() }),
    verificationResult: z.enum(["PASSED", "FAILED"]),
    verifiedLevels: z.array(Text).max(64),
  }),
});

export type Summary = z.output<typeof Statement>["predicate"] & {
  /** What was verified: artifacts by name (`""` for a single one without), with their digests. */
  subjects: readonly { name: string; digest: Readonly<Record<string, string>> }[];
};

/** @throws {Refusal} category `claims` */
export function readSummary(statement: unknown): { summary: Summary; members: Members } {
  const members = asMembers(statement, "the statement");
  const { subject, predicate } = check(Statement, members, "the statement");
  const subjects = subject.map(({ name = "", digest }) => ({ name, digest }));
  if (new Set(subjects.map(({ name }) => name)).size < subjects.length) {
    throw new Refusal("claims", "the statement: two subjects have the same name");
  }
  return { summary: { ...predicate, subjects }, members };
}
