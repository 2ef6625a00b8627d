/** Measured-boot and IMA logs that a verdict's evidence carries, taken apart for people. */
import { z } from "zod";
import { LOG_PROBLEMS, type LogProblemCode } from "#lib/domain/measured-boot/log-problem";
import { Instant } from "./common.ts";
import { EventHash } from "./node.ts";

/** Most events or entries of one log in one answer; `total` says how many there are. */
export const MAX_SHOWN = 2000;

const LogProblem = z.strictObject({
  code: z.enum(Object.keys(LOG_PROBLEMS) as [LogProblemCode, ...LogProblemCode[]]),
  detail: z.string(),
});

const RegisterCheck = z.strictObject({
  register: z.int(),
  name: z.string(),
  title: z.string(),
  sentence: z.string(),
  bank: z.string(),
  /** Hex; `null` = the log gives no value. */
  replayed: z.string().nullable(),
  stated: z.string().nullable(),
  judgement: z.enum(["match", "mismatch", "not_stated", "not_replayable"]),
});
export type RegisterCheckView = z.infer<typeof RegisterCheck>;

const BootEvent = z.strictObject({
  index: z.int(),
  register: z.int(),
  type: z.string(),
  subject: z.string(),
  /** What it says or is; `null` = only its digest is known. */
  value: z.string().nullable(),
  /** Whether the digest is over the words: only then does the register vouch for them. */
  proof: z.enum(["proven", "contradicted", "separate"]),
  /** The longest first. */
  digests: z.array(z.strictObject({ bank: z.string(), digest: z.string() })),
});
export type BootEventView = z.infer<typeof BootEvent>;

const BootLog = z.strictObject({
  form: z.literal("tcg"),
  /** Where it stands in the evidence (RFC 6901). */
  pointer: z.string(),
  format: z.enum(["sha1", "crypto-agile"]),
  banks: z.array(z.string()),
  registers: z.array(RegisterCheck),
  total: z.int(),
  events: z.array(BootEvent),
});
export type BootLogView = z.infer<typeof BootLog>;

const ImaEntry = z.strictObject({
  index: z.int(),
  register: z.int(),
  template: z.string(),
  path: z.string(),
  /** `sha256:<hex>`; `violation` = it was written while it was measured. */
  content: z.string(),
  signed: z.boolean(),
  /** The line does not fit its own hash. */
  contradicted: z.boolean(),
});

const ImaLog = z.strictObject({
  form: z.literal("ima"),
  pointer: z.string(),
  /** It begins with the first measurement of the boot, so a replay gives the register's value. */
  whole: z.boolean(),
  bootAggregate: z.enum(["matches", "differs", "not_comparable"]),
  contradictedTotal: z.int(),
  registers: z.array(RegisterCheck),
  total: z.int(),
  entries: z.array(ImaEntry),
});
export type ImaLogView = z.infer<typeof ImaLog>;

const UnreadableLog = z.strictObject({
  form: z.literal("unreadable"),
  of: z.enum(["tcg", "ima"]),
  pointer: z.string(),
  problem: LogProblem,
});

export const EventLogs = z.strictObject({
  eventHash: EventHash,
  observedAt: Instant,
  logs: z.array(z.discriminatedUnion("form", [BootLog, ImaLog, UnreadableLog])),
});
export type EventLogs = z.infer<typeof EventLogs>;

const EventChange = z.strictObject({
  kind: z.enum(["added", "removed", "changed", "moved"]),
  sentence: z.string(),
  /** Place of the event in the earlier and in the later log; `null` = it is not there. */
  before: z.int().nullable(),
  after: z.int().nullable(),
});

const BootDifference = z.strictObject({
  form: z.literal("tcg"),
  /** Digests of this algorithm were compared; `null` = the logs have none in common. */
  bank: z.string().nullable(),
  registers: z.array(
    z.strictObject({
      register: z.int(),
      name: z.string(),
      title: z.string(),
      unchanged: z.int(),
      total: z.int(),
      changes: z.array(EventChange),
    }),
  ),
});
export type BootDifferenceView = z.infer<typeof BootDifference>;

const ImaDifference = z.strictObject({
  form: z.literal("ima"),
  total: z.int(),
  changes: z.array(
    z.strictObject({
      path: z.string(),
      kind: z.enum(["added", "removed", "changed"]),
      before: z.array(z.string()),
      after: z.array(z.string()),
    }),
  ),
});
export type ImaDifferenceView = z.infer<typeof ImaDifference>;

/** A log that stands on one side only, or that cannot be read there. */
const NoDifference = z.strictObject({
  form: z.literal("none"),
  of: z.enum(["tcg", "ima"]),
  reason: z.string(),
});

export const EventLogDifference = z.strictObject({
  /** The verdict that it is compared with: the one before of the same source and submodule that carries a log. */
  previous: z.strictObject({ eventHash: EventHash, observedAt: Instant }).nullable(),
  /** Why there is nothing to compare with; `null` = there is. */
  missing: z.enum(["no_earlier_verdict", "no_log", "bytes_dropped"]).nullable(),
  logs: z.array(z.discriminatedUnion("form", [BootDifference, ImaDifference, NoDifference])),
});
export type EventLogDifference = z.infer<typeof EventLogDifference>;
