/** Findings that two parties claim to be one machine. */
import { z } from "zod";
import { ALARM_KINDS } from "#lib/domain/identity";
import { Instant, Uuid } from "./common.ts";
import { RecordedQuery } from "./time.ts";

export const ClaimedIdentity = z.strictObject({ kind: z.string(), value: z.string() });

/** Why somebody decided; people read it later, so it cannot be left out. */
export const DecisionReason = z.string().trim().min(3).max(300);

export const IdentityAlarmQuery = z.strictObject({
  /** Only alarms of this node, on either side. */
  nodeId: Uuid.optional(),
  /** `open` = nobody has settled them. */
  state: z.enum(["open", "all"]).default("open"),
  limit: z.coerce.number().int().min(1).max(200).default(100),
  ...RecordedQuery,
});
export type IdentityAlarmQuery = z.infer<typeof IdentityAlarmQuery>;

export const IdentityAlarmView = z.strictObject({
  id: Uuid,
  kind: z.enum(ALARM_KINDS),
  nodeId: Uuid,
  nodeName: z.string(),
  /** The other party when it is a node that is known here. */
  other: z.strictObject({ nodeId: Uuid, name: z.string() }).nullable(),
  /** `null` = found by comparing what is stored. */
  sourceName: z.string().nullable(),
  sentence: z.string(),
  /** What the other party said about who it is. */
  claimed: z.array(ClaimedIdentity),
  /** How often; `null` as of an earlier instant: repeats only count up. */
  times: z.int().nullable(),
  firstAt: Instant,
  /** `null` as of an earlier instant. */
  lastAt: Instant.nullable(),
  settled: z.strictObject({ at: Instant, by: z.string(), reason: z.string() }).nullable(),
});
export type IdentityAlarmView = z.infer<typeof IdentityAlarmView>;

/** As of an earlier instant one that was raised again counts as open: only the last settlement is kept. */
export const IdentityAlarmList = z.strictObject({ asOf: Instant, items: z.array(IdentityAlarmView) });
export type IdentityAlarmList = z.infer<typeof IdentityAlarmList>;

export const ReasonBody = z.strictObject({ reason: DecisionReason });
export type ReasonBody = z.infer<typeof ReasonBody>;
