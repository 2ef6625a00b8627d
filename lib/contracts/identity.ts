/** Findings that two parties claim to be one machine. */
import { z } from "zod";
import { ALARM_KINDS } from "#lib/domain/identity";
import { Instant, Uuid } from "./common.ts";

export const ClaimedIdentity = z.strictObject({ kind: z.string(), value: z.string() });

/** Why somebody decided; people read it later, so it cannot be left out. */
export const DecisionReason = z.string().trim().min(3).max(300);

export const IdentityAlarmQuery = z.strictObject({
  /** Only alarms of this node, on either side. */
  nodeId: Uuid.optional(),
  /** `open` = nobody has settled them. */
  state: z.enum(["open", "all"]).default("open"),
  limit: z.coerce.number().int().min(1).max(200).default(100),
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
  times: z.int(),
  firstAt: Instant,
  lastAt: Instant,
  settled: z.strictObject({ at: Instant, by: z.string(), reason: z.string() }).nullable(),
});
export type IdentityAlarmView = z.infer<typeof IdentityAlarmView>;

export const IdentityAlarmList = z.strictObject({ items: z.array(IdentityAlarmView) });
export type IdentityAlarmList = z.infer<typeof IdentityAlarmList>;

export const ReasonBody = z.strictObject({ reason: DecisionReason });
export type ReasonBody = z.infer<typeof ReasonBody>;
