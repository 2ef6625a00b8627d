/** Sinks: other systems that are told what happened. */
import { z } from "zod";
import { FACT_KINDS } from "#lib/domain/feed/fact";
import { OCSF_VERSIONS } from "#lib/domain/ocsf/event";
import { Instant, Uuid } from "./common.ts";
import { presentQuery } from "./time.ts";

/** Most sinks of one trust domain. */
export const SINKS_MAX = 20;

const SinkName = z
  .string()
  .trim()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}$/,
    "Letters, digits, space, dot, dash and underscore; 63 at most",
  );
const Settings = z.record(z.string().max(50), z.union([z.string().max(65_536), z.number()]));
const Secrets = z.record(z.string().max(50), z.string().max(65_536));
const Facts = z
  .array(z.enum(FACT_KINDS))
  .min(1)
  .max(FACT_KINDS.length)
  .refine((kinds) => new Set(kinds).size === kinds.length, "names one twice");
const OcsfVersionName = z.enum(OCSF_VERSIONS);

/** A field of a form that a kind of sink asks to be filled in. */
export const SinkField = z.strictObject({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  type: z.enum(["text", "number", "pem", "choice"]),
  choices: z.array(z.string()),
  required: z.boolean(),
  initial: z.string(),
});
export type SinkField = z.infer<typeof SinkField>;

const SinkKindView = z.strictObject({
  kind: z.string(),
  label: z.string(),
  words: z.string(),
  settings: z.array(SinkField),
  secrets: z.array(SinkField),
});

export const SinkView = z.strictObject({
  id: Uuid,
  name: z.string(),
  kind: z.string(),
  settings: Settings,
  /** Whether secrets are stored; they are never shown. */
  hasSecrets: z.boolean(),
  ocsfVersion: OcsfVersionName,
  facts: z.array(z.enum(FACT_KINDS)),
  createdAt: Instant,
  /** `null` = it is on. */
  disabledAt: Instant.nullable(),
  /** The last place of the feed that it was told or that it passed, and how far the feed goes. */
  cursor: z.int(),
  lastSeq: z.int(),
  delivered: z.int(),
  /** Facts that were not kept any more when they were due. */
  missed: z.int(),
  /** Facts that it was told more than five minutes after they were noted, in the last 24 hours. */
  lateLastDay: z.int(),
  lastDeliveredAt: Instant.nullable(),
  /** In a row. */
  failures: z.int(),
  /** The last one, also when it is over. */
  lastError: z.strictObject({ at: Instant, detail: z.string() }).nullable(),
  /** When it is tried again; `null` = at once. */
  dueAt: Instant.nullable(),
  /** What the receiver refused for good, and how much of it is to be sent again. */
  deadLetters: z.strictObject({ refused: z.int(), waiting: z.int() }),
});
export type SinkView = z.infer<typeof SinkView>;

export const SinkListQuery = z.strictObject({
  ...presentQuery("this is where sinks stand now; what people changed about them is in the audit log."),
});

export const SinkList = z.strictObject({ items: z.array(SinkView), kinds: z.array(SinkKindView) });
export type SinkList = z.infer<typeof SinkList>;

export const CreateSinkBody = z.strictObject({
  name: SinkName,
  kind: z.string().max(40),
  settings: Settings,
  secrets: Secrets.default({}),
  ocsfVersion: OcsfVersionName.default("1.8.0"),
  facts: Facts.default([...FACT_KINDS]),
  /** `now` = what happens from now on; `kept` = everything that is still kept. */
  begin: z.enum(["now", "kept"]).default("now"),
});
export type CreateSinkBody = z.input<typeof CreateSinkBody>;

export const UpdateSinkBody = z.strictObject({
  name: SinkName,
  settings: Settings,
  /** `null` = those that are stored stay. */
  secrets: Secrets.nullable(),
  ocsfVersion: OcsfVersionName,
  facts: Facts,
  enabled: z.boolean(),
});
export type UpdateSinkBody = z.infer<typeof UpdateSinkBody>;

export const SinkChanged = z.strictObject({ id: Uuid });
export type SinkChanged = z.infer<typeof SinkChanged>;

export const SinkTested = z.strictObject({
  ok: z.boolean(),
  /** One sentence for people. */
  detail: z.string(),
});
export type SinkTested = z.infer<typeof SinkTested>;

/** Tell again what comes behind a place, as far as it is kept. */
export const ReplaySinkBody = z.strictObject({ after: z.int().min(0) });
export type ReplaySinkBody = z.infer<typeof ReplaySinkBody>;
export const SinkReplayed = z.strictObject({ cursor: z.int() });
export type SinkReplayed = z.infer<typeof SinkReplayed>;

const DeadLetterView = z.strictObject({
  seq: z.int(),
  factId: Uuid,
  reason: z.string(),
  at: Instant,
  attempts: z.int(),
  /** Somebody asked to send it again. */
  waiting: z.boolean(),
});

/** At most 200, the last ones first. */
export const DeadLetterList = z.strictObject({ items: z.array(DeadLetterView) });
export type DeadLetterList = z.infer<typeof DeadLetterList>;

/** `null` = all of them. */
export const ReplayDeadLettersBody = z.strictObject({
  seqs: z.array(z.int().min(1)).min(1).max(200).nullable(),
});
export type ReplayDeadLettersBody = z.infer<typeof ReplayDeadLettersBody>;
export const DeadLettersReplayed = z.strictObject({ asked: z.int() });
export type DeadLettersReplayed = z.infer<typeof DeadLettersReplayed>;
