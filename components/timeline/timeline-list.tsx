"use client";

import { useId, useMemo } from "react";
import { STATUS_LABELS } from "#components/fleet/status-words";
import { Button } from "#components/ui/button";
import { EmptyState } from "#components/ui/empty-state";
import { Select } from "#components/ui/select";
import { displayText, formatPlural } from "#lib/client/format";
import type { Range, Zone } from "#lib/client/timeline-scale";
import { eventLanes, LIFECYCLE_LANE } from "#lib/client/timeline-select";
import type { Timeline } from "#lib/contracts/node";
import { timelineRows } from "./timeline-rows.ts";
import { TimelineTable } from "./timeline-table.tsx";

/** The table below the chart with its filter by lane. */
export function TimelineList({
  timeline,
  range,
  lane,
  nowMs,
  zone,
  selectedKey,
  onLane,
  onSelect,
}: {
  timeline: Timeline;
  range: Range;
  /** Key of the only lane to list; `""` = all. */
  lane: string;
  nowMs: number;
  zone: Zone;
  selectedKey: string | null;
  onLane: (lane: string) => void;
  onSelect: (key: string) => void;
}) {
  const id = useId();
  const options = useMemo(
    () => [
      { value: "", label: "All lanes" },
      ...timeline.lanes.map(({ key, label }) => ({ value: key, label: displayText(label).text })),
      { value: LIFECYCLE_LANE, label: "Life cycle" },
      ...eventLanes(timeline.events).map(({ key, label }) => ({ value: key, label })),
    ],
    [timeline],
  );
  const known = options.some(({ value }) => value === lane) ? lane : "";
  const rows = useMemo(() => timelineRows(timeline, range, known, STATUS_LABELS), [timeline, range, known]);
  return (
    <section
      aria-label="Table of the timeline"
      className="min-w-0 overflow-hidden rounded-[6px] border border-line bg-bg"
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-1.5">
        <h2 className="label text-fg">Intervals and events</h2>
        <span className="text-small text-muted">{formatPlural(rows.length, "row")} in this range</span>
        <label htmlFor={id} className="sr-only">
          Lane
        </label>
        <Select
          id={id}
          options={options}
          value={known}
          onChange={(event) => onLane(event.target.value)}
          className="ml-auto w-[200px] max-w-full"
        />
      </div>
      {rows.length === 0 ? (
        <EmptyState
          title="Nothing in this range"
          action={known === "" ? undefined : <Button onClick={() => onLane("")}>Show all lanes</Button>}
        >
          {known === ""
            ? "No interval or event lies between these instants. Choose a longer range above."
            : "This lane has no interval or event between these instants."}
        </EmptyState>
      ) : (
        <TimelineTable rows={rows} selectedKey={selectedKey} nowMs={nowMs} zone={zone} onSelect={onSelect} />
      )}
    </section>
  );
}
