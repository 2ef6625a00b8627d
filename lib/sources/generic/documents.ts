/** Touchstone's own documents, for senders that no other source folder knows. */
import { z } from "zod";
import { TIERS } from "#lib/domain/ar4si";
import {
  BOOTSTRAP_EVENT_TYPES,
  BOOTSTRAP_OUTCOMES,
  IMAGE_INSTALLED,
  REASON_CODES,
} from "#lib/domain/bootstrap-event";
import { CREDENTIAL_KINDS } from "#lib/domain/credential";
import { COVERAGE, IDENTITY_KINDS, OUTCOMES } from "#lib/domain/verdict";
import { isIdentityText } from "#lib/sources/shared/text";
import { vectorOfClaims, vectorOfValues } from "#lib/sources/shared/vector";
import { parseInstant } from "#lib/sources/shared/window";

export const VERDICT_SCHEMA = "touchstone.verdict/1";
export const BOOTSTRAP_SCHEMA = "touchstone.bootstrap/1";

const IdText = z.string().refine(isIdentityText, "is not a text of 1 to 256 printable characters");
const ShortText = z.string().min(1).max(256);
const LongText = z.string().max(500);
const Instant = z.string().transform((text, ctx) => {
  const timeMs = parseInstant(text);
  if (timeMs !== null) return timeMs;
  ctx.addIssue("is not an RFC 3339 date and time with zone");
  return z.NEVER;
});

const Identity = z.strictObject({ kind: z.enum(IDENTITY_KINDS), value: IdText });

const Vector = z.union([z.array(z.number()), z.record(z.string(), z.number())]).transform((value, ctx) => {
  const vector = Array.isArray(value) ? vectorOfValues(value) : vectorOfClaims(value);
  if (vector !== null) return vector;
  ctx.addIssue("is no trust vector: eight signed bytes in claim order, or by claim name");
  return z.NEVER;
});

const Reason = z.strictObject({
  code: ShortText,
  component: ShortText.optional(),
  got: z.string().max(512).optional(),
  expected: z.string().max(512).optional(),
  detail: LongText.optional(),
});

const Measurements = z
  .record(z.string().min(1).max(256), z.string().max(512))
  .refine((map) => Object.keys(map).length <= 500, "holds more than 500 measurements");

/** Kept with the document and read when somebody looks: a log that is broken does not cost the verdict. */
const EventLogs = z.strictObject({
  /** Base64 of a TCG event log, such as `binary_bios_measurements`. */
  tpm2: z.string().min(1).optional(),
  /** Text of an IMA log, such as `ascii_runtime_measurements`. */
  ima: z.string().min(1).optional(),
});

/** One appraisal result. Unknown members are refused: a misspelt one must not pass unnoticed. */
const VerdictShape = z.strictObject({
  schema: z.literal(VERDICT_SCHEMA),
  node: z.strictObject({
    id: IdText,
    idType: z.enum(IDENTITY_KINDS).default("custom"),
    displayName: ShortText.optional(),
    hostname: IdText.optional(),
    identities: z.array(Identity).max(16).default([]),
  }),
  submod: z.string().max(128).default(""),
  observedAt: Instant,
  expiresAt: Instant.optional(),
  outcome: z.enum(OUTCOMES).optional(),
  status: z.enum(TIERS).optional(),
  vector: Vector.optional(),
  coverage: z.array(z.enum(COVERAGE)).max(COVERAGE.length).default([]),
  measurements: Measurements.default({}),
  reasons: z.array(Reason).max(64).default([]),
  policyIds: z.array(ShortText).max(32).default([]),
  verifier: z.strictObject({ id: ShortText.optional(), build: ShortText.optional() }).default({}),
  freshness: z.enum(["evidence", "result_only", "none"]).default("none"),
  eventLogs: EventLogs.optional(),
});
/** Compiled once: this is the schema that every event of a batch goes through. */
export const VerdictDocument = z.compile(VerdictShape);
export type VerdictDocument = z.output<typeof VerdictDocument>;

const CredentialDocument = z.strictObject({
  kind: z.enum(CREDENTIAL_KINDS),
  serial: ShortText.optional(),
  fingerprintSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  issuer: z.string().min(1).max(512).optional(),
  notBefore: Instant.optional(),
  notAfter: Instant.optional(),
});

const ProvenanceDocument = z.strictObject({
  verified: z.boolean(),
  by: IdText.max(200).nullish(),
  digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullish(),
});

/** One bootstrap event; the members are those of the canonical event. */
export const BootstrapDocument = z
  .strictObject({
    schema: z.literal(BOOTSTRAP_SCHEMA),
    externalId: ShortText.optional(),
    type: z.enum(BOOTSTRAP_EVENT_TYPES),
    outcome: z.enum(BOOTSTRAP_OUTCOMES),
    reasonCode: z.enum(REASON_CODES).optional(),
    reasonText: LongText.optional(),
    occurredAt: Instant,
    identities: z.array(Identity).max(16).default([]),
    displayName: ShortText.optional(),
    actor: z
      .strictObject({
        kind: z.enum(["node", "user", "service", "controller", "unknown"]),
        id: ShortText.optional(),
        address: ShortText.optional(),
      })
      .default({ kind: "unknown" }),
    method: ShortText.optional(),
    requestId: ShortText.optional(),
    credential: CredentialDocument.optional(),
    provenance: ProvenanceDocument.optional(),
  })
  .refine(({ type, provenance }) => provenance === undefined || type === IMAGE_INSTALLED, {
    path: ["provenance"],
    error: `is stated of ${IMAGE_INSTALLED} alone`,
  });
export type BootstrapDocument = z.output<typeof BootstrapDocument>;
