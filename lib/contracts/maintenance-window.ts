/** Maintenance windows: times in which some layers of some nodes are expected to change. */
import { z } from "zod";
import { CHANGE_KINDS } from "#lib/domain/diff-measurements";
import { LAYERS } from "#lib/domain/layers";
import { WINDOW_STATES } from "#lib/domain/maintenance";
import { Instant, Uuid } from "./common.ts";
import { presentQuery } from "./time.ts";

const Name = z.string().trim().min(1).max(80);
/** CEL over the node; empty = every node. */
const Selector = z.string().trim().max(4_000);
/** Absent = every layer. */
const Layers = z.array(z.enum(LAYERS)).min(1).max(LAYERS.length).optional();
const PRESENT = presentQuery(
  "these are the windows as they are now; each says when it began, ends or was ended, and the drift of a node can be asked as of any instant.",
);

export const WindowListQuery = z.strictObject({
  state: z.enum([...WINDOW_STATES, "all"]).default("all"),
  ...PRESENT,
});
export type WindowListQuery = z.infer<typeof WindowListQuery>;

export const WindowQuery = z.strictObject(PRESENT);

export const WindowView = z.strictObject({
  id: Uuid,
  name: z.string(),
  selector: z.string(),
  layers: z.array(z.enum(LAYERS)),
  state: z.enum(WINDOW_STATES),
  from: Instant,
  /** As it was planned; see `ended`. */
  until: Instant,
  /** Ended before it was over; before `from` = it never began. */
  ended: z.strictObject({ at: Instant, by: z.string().nullable() }).nullable(),
  reason: z.string(),
  createdAt: Instant,
  createdBy: z.string().nullable(),
  /** Nodes that it selects now; `null` = it is over. */
  nodes: z.int().nullable(),
  /** Changes that it allowed, and nodes that showed one. */
  allowed: z.strictObject({ changes: z.int(), nodes: z.int() }),
});
export type WindowView = z.infer<typeof WindowView>;

/** At most 500: running ones, planned ones, then past ones from the newest on. The counts are complete. */
export const WindowList = z.strictObject({
  items: z.array(WindowView),
  counts: z.record(z.enum(WINDOW_STATES), z.int()),
  /** When the next window begins or ends; `null` = none does. */
  nextChangeAt: Instant.nullable(),
});
export type WindowList = z.infer<typeof WindowList>;

export const WindowDetail = WindowView.extend({
  /** The first 200, those that most nodes showed before others; `allowed` is complete. */
  changes: z.array(
    z.strictObject({
      path: z.string(),
      layer: z.enum(LAYERS),
      kind: z.enum(CHANGE_KINDS),
      /** `null` = the entry was gone. */
      actual: z.string().nullable(),
      nodes: z.int(),
      firstAt: Instant,
    }),
  ),
});
export type WindowDetail = z.infer<typeof WindowDetail>;

const Reason = z.string().trim().min(10).max(1_000);

export const PlanWindowBody = z.strictObject({
  name: Name,
  selector: Selector,
  layers: Layers,
  /** `null` = at once. Never in the past, at most 90 days ahead. */
  from: Instant.nullable(),
  /** At most 7 days after the beginning. */
  until: Instant,
  reason: Reason,
});
export type PlanWindowBody = z.infer<typeof PlanWindowBody>;

export const WindowPlanned = z.strictObject({
  id: Uuid,
  from: Instant,
  until: Instant,
  /** Nodes that it selects now. */
  nodes: z.int(),
});
export type WindowPlanned = z.infer<typeof WindowPlanned>;

export const WindowEnded = z.strictObject({ id: Uuid, endedAt: Instant });
export type WindowEnded = z.infer<typeof WindowEnded>;

export const PreviewWindowBody = z.strictObject({ selector: Selector, layers: Layers });
export type PreviewWindowBody = z.infer<typeof PreviewWindowBody>;

const Covered = z
  .strictObject({ changes: z.int(), nodes: z.int(), /** The first of them. */ path: z.string() })
  .nullable();

export const WindowPreview = z.strictObject({
  /** Name of the trust domain whose nodes these are. */
  trustDomain: z.string(),
  /** Nodes that it would select now, of how many. */
  nodes: z.int(),
  of: z.int(),
  /** The first 20 of them by name. */
  names: z.array(z.string()),
  /** What these nodes show already and the window would allow; `null` = nothing. */
  unexplained: Covered,
  /** The same of what looks like an attack: such a window is refused. */
  maliciousLike: Covered,
});
export type WindowPreview = z.infer<typeof WindowPreview>;
