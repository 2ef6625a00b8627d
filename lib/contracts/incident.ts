/** Incidents: what many nodes showed together, and what people made of it. */
import { z } from "zod";
import { INCIDENT_KINDS } from "#lib/domain/correlation";
import { GROUP_STATES } from "#lib/domain/drift-group";
import { Cursor, Instant, Status, Uuid } from "./common.ts";
import { presentQuery } from "./time.ts";

const PRESENT = presentQuery(
  "incidents are handled now; each says when it was opened and resolved, and its course has the instant of every step.",
);

export const INCIDENT_STATES = ["open", "resolved"] as const;

export const IncidentListQuery = z.strictObject({
  state: z.enum(INCIDENT_STATES).default("open"),
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  ...PRESENT,
});
export type IncidentListQuery = z.infer<typeof IncidentListQuery>;

export const IncidentQuery = z.strictObject(PRESENT);

const IncidentRow = z.strictObject({
  id: Uuid,
  kind: z.enum(INCIDENT_KINDS),
  title: z.string(),
  /** What most likely lies behind it, and where to look first. */
  cause: z.string(),
  /** Name of the guide that says what to do, in `docs/runbooks/`. */
  runbook: z.string(),
  state: z.enum(INCIDENT_STATES),
  /** While it is open, nothing may act on nodes by itself. */
  breaker: z.boolean(),
  openedAt: Instant,
  /** When the newest of it happened. */
  lastAt: Instant,
  nodes: z.int(),
  owner: z.strictObject({ id: Uuid, email: z.string() }).nullable(),
  resolved: z.strictObject({ at: Instant, by: z.string().nullable(), review: z.string() }).nullable(),
});
export type IncidentRow = z.infer<typeof IncidentRow>;

export const IncidentList = z.strictObject({
  items: z.array(IncidentRow),
  nextCursor: Cursor.nullable(),
  /** `breaker` = open ones that hold back what would act by itself. */
  counts: z.strictObject({ open: z.int(), resolved: z.int(), breaker: z.int() }),
});
export type IncidentList = z.infer<typeof IncidentList>;

export const ENTRY_KINDS = ["opened", "spread", "breaker", "owner", "note", "linked", "resolved"] as const;

export const IncidentView = IncidentRow.extend({
  entries: z.array(
    z.strictObject({
      id: Uuid,
      at: Instant,
      /** `null` = written by the correlation. */
      by: z.string().nullable(),
      kind: z.enum(ENTRY_KINDS),
      text: z.string(),
    }),
  ),
  /** The first 200; `nodes` is complete. */
  nodeList: z.array(z.strictObject({ id: Uuid, name: z.string(), status: Status, addedAt: Instant })),
  /** The 100 with most nodes. */
  groups: z.array(
    z.strictObject({
      id: Uuid,
      path: z.string(),
      state: z.enum(GROUP_STATES),
      nodes: z.int(),
      peakNodes: z.int(),
    }),
  ),
});
export type IncidentView = z.infer<typeof IncidentView>;

/** `null` = nobody. */
export const OwnIncidentBody = z.strictObject({ owner: Uuid.nullable() });
export type OwnIncidentBody = z.infer<typeof OwnIncidentBody>;

export const NoteIncidentBody = z.strictObject({ text: z.string().trim().min(3).max(2_000) });
export type NoteIncidentBody = z.infer<typeof NoteIncidentBody>;

export const LinkIncidentBody = z.strictObject({ groupId: Uuid });
export type LinkIncidentBody = z.infer<typeof LinkIncidentBody>;

export const ResolveIncidentBody = z.strictObject({
  /** What it was, what was done, what will keep it from happening again. */
  review: z.string().trim().min(20).max(10_000),
});
export type ResolveIncidentBody = z.infer<typeof ResolveIncidentBody>;

/** When the step was taken. */
export const IncidentHandled = z.strictObject({ id: Uuid, at: Instant });
export type IncidentHandled = z.infer<typeof IncidentHandled>;
