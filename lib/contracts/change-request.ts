/** Change requests: actions that need a second person. */
import { z } from "zod";
import { CHANGE_DECISIONS, CHANGE_REASON_MIN, CHANGE_STATES } from "#lib/domain/change-request";
import { Cursor, Instant, Uuid } from "./common.ts";
import { presentQuery } from "./time.ts";

const Reason = z.string().trim().min(CHANGE_REASON_MIN).max(1_000);
const Hash = z.string().regex(/^[0-9a-f]{64}$/);

export const PreviewChangeBody = z.strictObject({
  kind: z.string().max(60),
  /** What is to be done; its members depend on the kind. */
  payload: z.record(z.string(), z.unknown()),
});
export type PreviewChangeBody = z.infer<typeof PreviewChangeBody>;

export const ProposeChangeBody = PreviewChangeBody.extend({ reason: Reason });
export type ProposeChangeBody = z.infer<typeof ProposeChangeBody>;

export const DecideChangeBody = z
  .strictObject({
    decision: z.enum(CHANGE_DECISIONS),
    /** The plan that the voter saw: the vote counts for no other. */
    planHash: Hash,
    /** Must be given to deny. */
    reason: Reason.optional(),
  })
  .refine(({ decision, reason }) => decision === "approve" || reason !== undefined, {
    path: ["reason"],
    message: "Say why you deny it.",
  });
export type DecideChangeBody = z.infer<typeof DecideChangeBody>;

export const CancelChangeBody = z.strictObject({ reason: Reason });
export type CancelChangeBody = z.infer<typeof CancelChangeBody>;

/** What a change would move, as of when it was computed. Lists are capped, their totals are not. */
export const ChangePreview = z.strictObject({
  facts: z.array(z.strictObject({ label: z.string(), value: z.string() })),
  /** What a person should think about twice. */
  warnings: z.array(z.string()),
  moves: z.array(z.strictObject({ from: z.string(), to: z.string(), nodes: z.int() })),
  nodes: z.strictObject({
    total: z.int(),
    items: z.array(
      z.strictObject({
        id: Uuid,
        name: z.string(),
        from: z.string(),
        to: z.string(),
        /** Why it would have the status that it moves to. */
        reason: z.string(),
      }),
    ),
  }),
  /** What people decided on the grounds that would change. */
  reliedOn: z.strictObject({
    total: z.int(),
    items: z.array(z.strictObject({ id: Uuid, summary: z.string(), state: z.string() })),
  }),
});
export type ChangePreview = z.infer<typeof ChangePreview>;

export const PlannedChange = z.strictObject({
  kind: z.string(),
  summary: z.string(),
  planHash: Hash,
  preview: ChangePreview,
});
export type PlannedChange = z.infer<typeof PlannedChange>;

const Vote = z.strictObject({
  email: z.string(),
  decision: z.enum(CHANGE_DECISIONS),
  reason: z.string().nullable(),
  at: Instant,
});

const ChangeSummary = z.strictObject({
  id: Uuid,
  kind: z.string(),
  kindLabel: z.string(),
  summary: z.string(),
  reason: z.string(),
  state: z.enum(CHANGE_STATES),
  proposedBy: z.string(),
  proposedAt: Instant,
  expiresAt: Instant,
  decidedAt: Instant.nullable(),
  /** The caller proposed it, with this or another account. */
  mine: z.boolean(),
  /** The caller could decide it now. */
  waitingOnMe: z.boolean(),
});
export type ChangeSummary = z.infer<typeof ChangeSummary>;

export const ChangeView = ChangeSummary.extend({
  payload: z.record(z.string(), z.unknown()),
  planHash: Hash,
  /** As of when it was proposed. */
  preview: ChangePreview,
  /** Whether the same would be done now as was proposed; `null` when it is decided or over. */
  planCurrent: z.boolean().nullable(),
  votes: z.array(Vote),
});
export type ChangeView = z.infer<typeof ChangeView>;

const PRESENT = presentQuery(
  "requests are decided now; each says when it was proposed, voted on and decided.",
);

export const ChangeQuery = z.strictObject(PRESENT);

export const CHANGE_LISTS = ["all", "waiting", "mine", "done"] as const;
export const ChangeListQuery = z.strictObject({
  list: z.enum(CHANGE_LISTS).default("all"),
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  ...PRESENT,
});
export type ChangeListQuery = z.infer<typeof ChangeListQuery>;

export const ChangeList = z.strictObject({
  items: z.array(ChangeSummary),
  nextCursor: Cursor.nullable(),
  /** How many requests the caller could decide now, whatever the list. */
  waitingOnMe: z.int(),
  /** Nodes whose history follows the decisions about keys; `null` = all of them. */
  rederiving: z.strictObject({ done: z.int(), total: z.int() }).nullable(),
});
export type ChangeList = z.infer<typeof ChangeList>;
