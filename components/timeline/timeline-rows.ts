/** The chart as the rows of its table: the same intervals and events, newest first. */
import { EVENT_OUTCOME_WORDS, eventWords } from "#lib/client/bootstrap-stages";
import { LIFECYCLE_WORDS } from "#lib/client/lifecycle-words";
import type { Range } from "#lib/client/timeline-scale";
import { eventKey, eventLanes, LIFECYCLE_LANE, selectionKey } from "#lib/client/timeline-select";
import { stayReason } from "#lib/client/timeline-stays";
import type { Timeline } from "#lib/contracts/node";
import type { BootstrapOutcome } from "#lib/domain/bootstrap-event";
import type { TrustStatus } from "#lib/domain/trust-status";

export type TimelineRow = {
  key: string;
  laneKey: string;
  laneLabel: string;
  status: TrustStatus | null;
  outcome: BootstrapOutcome | null;
  word: string;
  from: string;
  /** `null` = still so; equal to `from` for an event. */
  to: string | null;
  reason: string;
  /** `null` where verdicts do not apply: the node's own line and events. */
  verdicts: number | null;
  recordedAt: string;
};

/**
 * Rows within the range.
 *
 * @param laneKey only this lane; `""` = all
 */
export function timelineRows(
  timeline: Timeline,
  range: Range,
  laneKey: string,
  words: Record<TrustStatus, string>,
): TimelineRow[] {
  const rows: TimelineRow[] = [];
  for (const lane of timeline.lanes) {
    if (laneKey !== "" && laneKey !== lane.key) continue;
    for (const interval of lane.intervals) {
      const ended = interval.to !== null && Date.parse(interval.to) <= range.fromMs;
      if (ended || Date.parse(interval.from) >= range.toMs) continue;
      rows.push({
        key: selectionKey(lane.key, interval.from),
        laneKey: lane.key,
        laneLabel: lane.label,
        status: interval.state,
        outcome: null,
        word: words[interval.state],
        from: interval.from,
        to: interval.to,
        reason: interval.reason,
        verdicts: lane.kind === "trust" ? null : interval.verdicts,
        recordedAt: interval.recordedAt,
      });
    }
  }
  if (laneKey === "" || laneKey === LIFECYCLE_LANE) rows.push(...stayRows(timeline, range));
  const events = eventLanes(timeline.events).flatMap((lane) =>
    laneKey === "" || laneKey === lane.key ? lane.events.map((event) => ({ lane, event })) : [],
  );
  for (const { lane, event } of events) {
    const atMs = Date.parse(event.occurredAt);
    if (atMs < range.fromMs || atMs >= range.toMs) continue;
    rows.push({
      key: eventKey(event),
      laneKey: lane.key,
      laneLabel: lane.label,
      status: null,
      outcome: event.outcome,
      word: eventWords(event.type),
      from: event.occurredAt,
      to: event.occurredAt,
      reason: [EVENT_OUTCOME_WORDS[event.outcome], event.reasonCode, event.reasonText]
        .filter(Boolean)
        .join(": "),
      verdicts: null,
      recordedAt: event.receivedAt,
    });
  }
  return rows.sort((a, b) => Date.parse(b.from) - Date.parse(a.from));
}

function stayRows({ lifecycle }: Timeline, range: Range): TimelineRow[] {
  return lifecycle
    .filter(({ from, to }) => Date.parse(from) < range.toMs && (to === null || Date.parse(to) > range.fromMs))
    .map((stay) => ({
      key: selectionKey(LIFECYCLE_LANE, stay.from),
      laneKey: LIFECYCLE_LANE,
      laneLabel: "Life cycle",
      status: null,
      outcome: null,
      word: LIFECYCLE_WORDS[stay.state],
      from: stay.from,
      to: stay.to,
      reason: stayReason(stay),
      verdicts: null,
      recordedAt: stay.recordedAt,
    }));
}
