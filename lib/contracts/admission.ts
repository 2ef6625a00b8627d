/** Whether nodes may join and get work, the rules for it, and the record of refusals. */
import { z } from "zod";
import {
  ADMISSION_DECISIONS,
  ADMISSION_LIMITS,
  ADMISSION_PURPOSES,
  ADMISSION_REQUIREMENTS,
} from "#lib/domain/admission";
import { Cursor, Instant, Status, Uuid } from "./common.ts";

const Decision = z.enum(ADMISSION_DECISIONS);
const Purpose = z.enum(ADMISSION_PURPOSES);

/** An id, `kind:value` of a strong identity, or a name. */
export const AdmissionParams = z.strictObject({ reference: z.string().min(1).max(600) });

export const AdmissionQuery = z.strictObject({
  /** What for: `join` = a certificate or its registration, `work` = something is to run on it. */
  purpose: Purpose.default("work"),
});

const ReasonView = z.strictObject({
  code: z.string(),
  /** What this reason alone would have been answered with. */
  answer: Decision,
  text: z.string(),
});

/** Whose rule was applied; without a domain, the strictest of all that could be meant, or the built-in one. */
const RuleOrigin = z.strictObject({
  trustDomainId: Uuid.nullable(),
  origin: z.enum(["own", "inherited", "built_in", "strictest"]),
  /** What happens while our own knowledge is too old. */
  outage: z.enum(["open", "closed"]),
  maxStateAgeMs: z.int(),
});

export const AdmissionView = z.strictObject({
  /** What was asked for, as it was written. */
  asked: z.string(),
  purpose: Purpose,
  decision: Decision,
  /** `allow` and `warn` admit. */
  admitted: z.boolean(),
  /** The worst first; never empty. */
  reasons: z.array(ReasonView),
  node: z.strictObject({ id: Uuid, name: z.string(), trustDomainId: Uuid }).nullable(),
  rule: RuleOrigin,
  /** Everything that was recorded until then is in the answer. */
  knownAt: Instant,
  decidedAt: Instant,
});
export type AdmissionView = z.infer<typeof AdmissionView>;

/** A request of a Kubernetes API server (`admission.k8s.io/v1`), as far as it is read. */
export const KubernetesReview = z.looseObject({
  apiVersion: z.literal("admission.k8s.io/v1"),
  kind: z.literal("AdmissionReview"),
  request: z.looseObject({
    uid: z.string().min(1).max(200),
    resource: z.looseObject({ group: z.string().max(253), resource: z.string().max(253) }),
    subResource: z.string().max(253).optional(),
    operation: z.enum(["CREATE", "UPDATE", "DELETE", "CONNECT"]),
    name: z.string().max(600).optional(),
    dryRun: z.boolean().nullish(),
    object: z.unknown().optional(),
    oldObject: z.unknown().optional(),
  }),
});
export type KubernetesReview = z.infer<typeof KubernetesReview>;

export const KubernetesReviewAnswer = z.strictObject({
  apiVersion: z.literal("admission.k8s.io/v1"),
  kind: z.literal("AdmissionReview"),
  response: z.strictObject({
    uid: z.string(),
    allowed: z.boolean(),
    status: z.strictObject({ code: z.int(), reason: z.string(), message: z.string() }).optional(),
    warnings: z.array(z.string()).optional(),
  }),
});
export type KubernetesReviewAnswer = z.infer<typeof KubernetesReviewAnswer>;

const Names = z
  .union([z.string().max(600), z.array(z.string().max(600)).max(500)])
  .nullish()
  .transform((names) => (typeof names === "string" ? [names] : (names ?? [])));

/** A certificate that step-ca is asked for or about to sign, as far as it says for whom. */
const StepCaCertificate = z.looseObject({
  subject: z
    .union([
      z.string().transform((commonName) => ({ commonName })),
      z.looseObject({ commonName: z.string().max(600).optional() }),
    ])
    .nullish(),
  dnsNames: Names,
  uris: Names,
  sans: z
    .array(z.looseObject({ value: z.string().max(600).optional() }))
    .max(500)
    .nullish(),
  keyID: z.string().max(600).optional(),
  principals: Names,
});
export type StepCaCertificate = z.infer<typeof StepCaCertificate>;

/** A webhook request of step-ca, as far as it is read. */
export const StepCaRequest = z.looseObject({
  timestamp: z.iso.datetime({ offset: true }),
  x509CertificateRequest: StepCaCertificate.nullish(),
  x509Certificate: StepCaCertificate.nullish(),
  sshCertificateRequest: StepCaCertificate.nullish(),
  sshCertificate: StepCaCertificate.nullish(),
  attestationData: z.looseObject({ permanentIdentifier: z.string().max(600).optional() }).nullish(),
});
export type StepCaRequest = z.infer<typeof StepCaRequest>;

export const StepCaAnswer = z.strictObject({ allow: z.boolean() });
export type StepCaAnswer = z.infer<typeof StepCaAnswer>;

const [leastStateAge, mostStateAge] = ADMISSION_LIMITS.stateAgeMs;
const [leastEvidenceAge, mostEvidenceAge] = ADMISSION_LIMITS.evidenceAgeMs;

const Clause = z.strictObject({
  require: z.enum(ADMISSION_REQUIREMENTS),
  /** Answer about a node that is not known. */
  unknown: Decision,
  /** Answer about a node whose evidence has run out or is too old. */
  stale: Decision,
  /** `null` = the sources' own limits of silence decide. */
  maxEvidenceAgeMs: z.int().min(leastEvidenceAge).max(mostEvidenceAge).nullable(),
});

const AdmissionRuleContent = z.strictObject({
  join: Clause,
  work: Clause,
  /** While our own knowledge is older than `maxStateAgeMs`: deny everything, or go by what was known last. */
  outage: z.enum(["open", "closed"]),
  maxStateAgeMs: z.int().min(leastStateAge).max(mostStateAge),
});
/** Nodes by what they would be answered now. */
const Outcomes = z.strictObject({ allow: z.int(), warn: z.int(), deny: z.int() });

export const AdmissionRules = z.strictObject({
  domains: z.array(
    z.strictObject({
      trustDomainId: Uuid,
      name: z.string(),
      /** 0 = none was set for this domain. */
      version: z.int(),
      origin: z.enum(["own", "inherited", "built_in"]),
      rule: AdmissionRuleContent,
      reason: z.string().nullable(),
      changedAt: Instant.nullable(),
      changedBy: z.string().nullable(),
      nodes: z.int(),
      /** What would happen now. */
      now: z.strictObject({ join: Outcomes, work: Outcomes }),
    }),
  ),
});
export type AdmissionRules = z.infer<typeof AdmissionRules>;

export const SetAdmissionRuleBody = z.strictObject({
  trustDomainId: Uuid,
  /** The version that was looked at. When another one holds meanwhile, nothing is saved. */
  version: z.int().min(0),
  rule: AdmissionRuleContent,
  reason: z.string().trim().min(10).max(1_000),
});
export type SetAdmissionRuleBody = z.infer<typeof SetAdmissionRuleBody>;

export const AdmissionRuleSet = z.strictObject({ version: z.int() });
export type AdmissionRuleSet = z.infer<typeof AdmissionRuleSet>;

export const AdmissionRecordsQuery = z.strictObject({
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type AdmissionRecordsQuery = z.infer<typeof AdmissionRecordsQuery>;

export const AdmissionRecordView = z.strictObject({
  trustDomainId: Uuid,
  /** `null` = no node, or no single one, was meant. */
  nodeId: Uuid.nullable(),
  subject: z.string(),
  operation: z.string(),
  purpose: Purpose,
  decision: Decision,
  reasons: z.array(z.string()),
  askedBy: z.strictObject({ kind: z.string(), id: z.string() }),
  /** How often within ten minutes. */
  n: z.int(),
  firstAt: Instant,
  lastAt: Instant,
});
export type AdmissionRecordView = z.infer<typeof AdmissionRecordView>;

export const AdmissionRecords = z.strictObject({
  items: z.array(AdmissionRecordView),
  nextCursor: Cursor.nullable(),
});
export type AdmissionRecords = z.infer<typeof AdmissionRecords>;

export const GateQuery = z.strictObject({
  /** As the list of nodes takes it. */
  q: z.string().max(500).default(""),
  require: z.enum(ADMISSION_REQUIREMENTS).default("trusted"),
  /** Oldest evidence that counts. */
  maxAgeSeconds: z.coerce.number().int().min(60).max(31_622_400).optional(),
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(200),
});
export type GateQuery = z.input<typeof GateQuery>;

export const GatePage = z.strictObject({
  items: z.array(
    z.strictObject({
      id: Uuid,
      name: z.string(),
      status: Status,
      decision: Decision,
      reasons: z.array(ReasonView),
    }),
  ),
  /** Nodes that match in all. */
  total: z.int(),
  nextCursor: Cursor.nullable(),
});
export type GatePage = z.infer<typeof GatePage>;
