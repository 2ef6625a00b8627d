/** A group of drift as the API shows it. */
import type { ListedGroup } from "#db/queries/drift-group";
import type { DriftGroupRow } from "#lib/contracts/drift-group";
import type { DriftClass } from "#lib/domain/drift";
import { isSnoozed, type Snooze, urgencyOf } from "#lib/domain/drift-group";
import type { DriftTab } from "#lib/domain/drift-query";
import type { Layer } from "#lib/domain/layers";

export function groupRow(row: ListedGroup, now: Date): DriftGroupRow {
  const { id, path, layer, baselineId, baselineName, expected, actual, state, link, previousId } = row;
  return {
    id,
    path,
    kind: row.kind as DriftGroupRow["kind"],
    layer: layer as Layer,
    baselineId,
    baselineName,
    expected,
    actual,
    state,
    tab: tabOf(row, now),
    link,
    previousId,
    worst: row.worst as DriftClass,
    why: row.why,
    urgency: urgencyOf(row.priority),
    priority: row.priority,
    nodes: row.nodes,
    peakNodes: row.peakNodes,
    excepted: row.excepted,
    firstSeenAt: row.firstSeenAt.toISOString(),
    spreadAt: row.spreadAt.toISOString(),
    openedAt: row.openedAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    assignee: row.assignee === null ? null : { id: row.assignee, email: row.assigneeEmail ?? "" },
    snoozedUntil: row.snoozedUntil?.toISOString() ?? null,
    decided: row.decidedAt && { at: row.decidedAt.toISOString(), by: row.decidedByEmail },
    draftVersion: row.draftVersion,
    exceptionId: row.exceptionId,
  };
}

/** The tab that it stands in; the same rule as in the list's query. */
function tabOf(row: ListedGroup, now: Date): DriftTab {
  if (row.endedAt) return "over";
  if (row.state === "resolved") return "over";
  if (row.state !== "undecided" && row.state !== "regressed") return row.state;
  const extent = { nodes: row.nodes, worst: row.worst as DriftClass };
  return isSnoozed(snoozeOf(row), extent, now.getTime()) ? "snoozed" : row.state;
}

function snoozeOf({ snoozedUntil, snoozeNodes, snoozeRank }: ListedGroup): Snooze | null {
  if (!snoozedUntil || snoozeNodes === null || snoozeRank === null) return null;
  return { untilMs: snoozedUntil.getTime(), nodes: snoozeNodes, rank: snoozeRank };
}
