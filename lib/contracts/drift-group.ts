/** The drift inbox: changes grouped over nodes, and what people decide about them. */
import { z } from "zod";
import { INCIDENT_KINDS } from "#lib/domain/correlation";
import { DRIFT_CLASSES } from "#lib/domain/drift";
import { GROUP_DECISIONS, GROUP_LINKS, GROUP_STATES, URGENCIES } from "#lib/domain/drift-group";
import { DRIFT_SORTS, DRIFT_TABS } from "#lib/domain/drift-query";
import { LAYERS } from "#lib/domain/layers";
import { ACTIONS } from "#lib/domain/remediation";
import { Cursor, Instant, Status, Uuid } from "./common.ts";
import { presentQuery } from "./time.ts";

/** Most groups that one action decides. */
export const BULK_MAX = 500;
const Reason = z.string().trim().min(10).max(1_000);
const Tab = z.enum(DRIFT_TABS);
const Search = z.string().max(300).default("");

const PRESENT = presentQuery(
  "the inbox is what is to be decided now; each group says when it was first seen and decided, and the drift of a node can be asked as of any instant.",
);

export const DriftListQuery = z.strictObject({
  tab: Tab.default("undecided"),
  /** Free words, `layer:kernel,boot`, `class:malicious_like`. */
  q: Search,
  sort: z.enum(DRIFT_SORTS).default("priority"),
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  ...PRESENT,
});
export type DriftListQuery = z.infer<typeof DriftListQuery>;

export const DriftGroupQuery = z.strictObject(PRESENT);

export const DriftGroupRow = z.strictObject({
  id: Uuid,
  path: z.string(),
  kind: z.enum(["added", "removed", "changed"]),
  layer: z.enum(LAYERS),
  baselineId: Uuid,
  baselineName: z.string(),
  /** Accepted values; empty for an addition. */
  expected: z.array(z.string()),
  /** `null` = the entry is gone. */
  actual: z.string().nullable(),
  state: z.enum(GROUP_STATES),
  tab: Tab,
  /** Why it follows an earlier group; `null` = the change is new. */
  link: z.enum(GROUP_LINKS).nullable(),
  previousId: Uuid.nullable(),
  worst: z.enum(DRIFT_CLASSES),
  why: z.string(),
  urgency: z.enum(URGENCIES),
  priority: z.number(),
  /** Nodes that show it now without leave, at most at once, and those with an exception. */
  nodes: z.int(),
  peakNodes: z.int(),
  excepted: z.int(),
  firstSeenAt: Instant,
  /** When the last node came to show it. */
  spreadAt: Instant,
  openedAt: Instant,
  endedAt: Instant.nullable(),
  assignee: z.strictObject({ id: Uuid, email: z.string() }).nullable(),
  snoozedUntil: Instant.nullable(),
  decided: z.strictObject({ at: Instant, by: z.string().nullable() }).nullable(),
  draftVersion: z.int().nullable(),
  exceptionId: Uuid.nullable(),
});
export type DriftGroupRow = z.infer<typeof DriftGroupRow>;

export const DriftCounts = z.record(Tab, z.int());
export type DriftCounts = z.infer<typeof DriftCounts>;

export const DriftList = z.strictObject({
  items: z.array(DriftGroupRow),
  nextCursor: Cursor.nullable(),
  /** Groups per tab under the same search; the tab's own count is the number of rows on all pages. */
  counts: DriftCounts,
  /** For an inbox that is empty; `null` = nobody ever decided anything. */
  lastDecided: z
    .strictObject({
      id: Uuid,
      path: z.string(),
      state: z.enum(GROUP_STATES),
      at: Instant,
      by: z.string().nullable(),
    })
    .nullable(),
});
export type DriftList = z.infer<typeof DriftList>;

const GroupNode = z.strictObject({
  id: Uuid,
  name: z.string(),
  status: Status,
  class: z.enum(DRIFT_CLASSES),
  why: z.string(),
  sourceId: Uuid,
  submod: z.string(),
  firstAt: Instant,
  /** `null` = it still shows the change. */
  goneAt: Instant.nullable(),
  exceptionId: Uuid.nullable(),
});

const Decision = z.strictObject({
  id: Uuid,
  at: Instant,
  /** `null` = the account does not exist any more. */
  by: z.string().nullable(),
  kind: z.enum(GROUP_DECISIONS),
  reason: z.string(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
});

export const DriftGroupView = DriftGroupRow.extend({
  /** The first 200; `nodesTotal` is complete, those that stopped showing it among them. */
  nodeList: z.array(GroupNode),
  nodesTotal: z.int(),
  /** Nodes that came to show it in the last hour. */
  spreadPerHour: z.int(),
  /** New nodes per bucket between the two instants. */
  spread: z.strictObject({ from: Instant, to: Instant, nodes: z.array(z.int()) }),
  /** When nearly all nodes of the baseline show the change: those that do not. The first 50. */
  outliers: z.array(z.strictObject({ id: Uuid, name: z.string() })),
  outliersTotal: z.int(),
  decisions: z.array(Decision),
  past: z.strictObject({
    record: z.int(),
    ignore: z.int(),
    remediate: z.int(),
    sentence: z.string(),
    /** What people agreed on before; `null` = too little, or they did not agree. */
    suggestion: z.enum(["record", "ignore", "remediate"]).nullable(),
  }),
  incidents: z.array(z.strictObject({ id: Uuid, kind: z.enum(INCIDENT_KINDS), title: z.string() })),
  /** Maintenance windows that authorise it on some nodes now. */
  windows: z.array(z.strictObject({ id: Uuid, name: z.string(), until: Instant, nodes: z.int() })),
});
export type DriftGroupView = z.infer<typeof DriftGroupView>;

/** Which groups: some by id, or all of a tab and search, with the number that the person saw. */
export const GroupSelection = z.union([
  z.strictObject({ ids: z.array(Uuid).min(1).max(BULK_MAX) }),
  z.strictObject({ tab: Tab, q: Search, expected: z.int().min(1).max(BULK_MAX) }),
]);
export type GroupSelection = z.infer<typeof GroupSelection>;

export const DecideDriftBody = z.discriminatedUnion("decision", [
  z.strictObject({ decision: z.literal("record"), groups: GroupSelection, reason: Reason }),
  z.strictObject({ decision: z.literal("remediate"), groups: GroupSelection, reason: Reason }),
  z.strictObject({
    decision: z.literal("assign"),
    groups: GroupSelection,
    /** `null` = to nobody. */
    assignee: Uuid.nullable(),
    reason: Reason.optional(),
  }),
  z.strictObject({
    decision: z.literal("snooze"),
    groups: GroupSelection,
    /** At the latest; it wakes earlier when the change spreads or gets worse. At most 30 days ahead. */
    until: Instant,
    reason: Reason,
  }),
]);
export type DecideDriftBody = z.infer<typeof DecideDriftBody>;

/** A request for the nodes that show the change now; the group is being remediated from then on. */
export const RemediateDriftBody = z.strictObject({
  action: z.enum(ACTIONS),
  reason: Reason,
  ticket: z.string().trim().min(1).max(200).optional(),
});
export type RemediateDriftBody = z.infer<typeof RemediateDriftBody>;

export const IgnoreDriftBody = z.strictObject({
  groups: GroupSelection,
  /** RE2 pattern of whole paths; it must match every group. Default: exactly the path of each. */
  pattern: z.string().min(1).max(500).optional(),
  scope: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("baseline") }),
    z.strictObject({ kind: z.literal("selector"), selector: z.string().trim().min(1).max(1_000) }),
    z.strictObject({ kind: z.literal("node"), nodeId: Uuid }),
  ]),
  reason: Reason,
  /** At most 365 days ahead. */
  expiresAt: Instant,
});
export type IgnoreDriftBody = z.infer<typeof IgnoreDriftBody>;

export const DriftDecided = z.strictObject({
  /** Groups that were decided. */
  decided: z.array(Uuid),
  /** Groups that were not, because somebody else was first or they are over. */
  left: z.array(z.strictObject({ id: Uuid, path: z.string(), detail: z.string() })),
  /** Of `record`: the drafts that now hold the changes. */
  drafts: z.array(z.strictObject({ baselineId: Uuid, version: z.int() })),
  /** Of `ignore`. */
  exceptionIds: z.array(Uuid),
});
export type DriftDecided = z.infer<typeof DriftDecided>;
