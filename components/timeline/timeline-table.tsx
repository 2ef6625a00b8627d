"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useRef } from "react";
import { StatusShape } from "#components/fleet/status-badge";
import { cn } from "#components/ui/cn";
import { HostileText } from "#components/ui/hostile-text";
import { Table, TableBody, TableCell, TableHead, TableHeader } from "#components/ui/table";
import { formatCount, formatDuration, formatInstant } from "#lib/client/format";
import type { Zone } from "#lib/client/timeline-scale";
import { EventGlyph } from "./event-glyph.tsx";
import type { TimelineRow } from "./timeline-rows.ts";

const ROW_PX = 36;
const WINDOW_FROM = 200;
const OVERSCAN = 12;

/** The chart's rows to read: newest first, in step with the selection, windowed when long. */
export function TimelineTable({
  rows,
  selectedKey,
  nowMs,
  zone,
  onSelect,
}: {
  rows: readonly TimelineRow[];
  selectedKey: string | null;
  nowMs: number;
  zone: Zone;
  onSelect: (key: string) => void;
}) {
  const box = useRef<HTMLElement>(null);
  const windowed = rows.length > WINDOW_FROM;
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    enabled: windowed,
  });

  const position = rows.findIndex(({ key }) => key === selectedKey);
  useEffect(() => {
    if (position < 0) return;
    if (windowed) virtualizer.scrollToIndex(position, { align: "auto" });
    else keepInView(box.current, position);
  }, [position, windowed, virtualizer]);

  const items = windowed ? virtualizer.getVirtualItems() : null;
  const shown = items ? items.map(({ index }) => index) : rows.map((_, index) => index);
  const before = items?.[0]?.start ?? 0;
  const after = items ? virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0) : 0;

  return (
    <section
      ref={box}
      aria-label="Rows of the timeline"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
      tabIndex={0}
      className="relative max-h-[440px] min-w-0 overflow-auto focus-visible:outline-offset-[-2px]"
    >
      <Table aria-rowcount={rows.length + 1} className="min-w-[1180px] table-fixed">
        <caption className="sr-only">Intervals and events in the shown range, newest first</caption>
        <colgroup>
          <col className="w-[144px]" />
          <col className="w-[190px]" />
          <col />
          <col className="w-[150px]" />
          <col className="w-[150px]" />
          <col className="w-[88px]" />
          <col className="w-[84px]" />
          <col className="w-[164px]" />
        </colgroup>
        <TableHead className="sticky top-0 z-10">
          <tr>
            <TableHeader>Lane</TableHeader>
            <TableHeader>State</TableHeader>
            <TableHeader>Reason</TableHeader>
            <TableHeader>From</TableHeader>
            <TableHeader>To</TableHeader>
            <TableHeader numeric>Duration</TableHeader>
            <TableHeader numeric>Verdicts</TableHeader>
            <TableHeader>Recorded</TableHeader>
          </tr>
        </TableHead>
        <TableBody>
          {before > 0 && <Spacer heightPx={before} />}
          {shown.map((index) => {
            const row = rows[index];
            return (
              row && (
                <Row
                  key={row.key}
                  row={row}
                  position={index}
                  selected={row.key === selectedKey}
                  endMs={row.to === null ? nowMs : null}
                  zone={zone}
                  onSelect={onSelect}
                />
              )
            );
          })}
          {after > 0 && <Spacer heightPx={after} />}
        </TableBody>
      </Table>
    </section>
  );
}

function Spacer({ heightPx }: { heightPx: number }) {
  return (
    <tr style={{ height: heightPx }}>
      <td colSpan={8} />
    </tr>
  );
}

/** Scrolls the box alone, never the page, so that the chart stays where it is. */
function keepInView(box: HTMLElement | null, position: number): void {
  if (!box) return;
  const top = position * ROW_PX;
  const bottom = top + 2 * ROW_PX;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
}

const Row = memo(function Row({
  row,
  position,
  selected,
  endMs,
  zone,
  onSelect,
}: {
  row: TimelineRow;
  position: number;
  selected: boolean;
  /** The present, for a row that is still open; else `null`, so that closed rows are not drawn anew. */
  endMs: number | null;
  zone: Zone;
  onSelect: (key: string) => void;
}) {
  const at = (iso: string) => formatInstant(iso, { mode: zone });
  const isEvent = row.outcome !== null;
  const lengthMs = (endMs ?? Date.parse(row.to ?? row.from)) - Date.parse(row.from);
  return (
    <tr
      aria-rowindex={position + 2}
      aria-current={selected || undefined}
      className={cn("h-9 border-b border-line", selected ? "bg-selected" : "hover:bg-hover")}
    >
      <TableCell className="truncate text-muted">
        <HostileText text={row.laneLabel} />
      </TableCell>
      <TableCell className="truncate">
        <button
          type="button"
          onClick={() => onSelect(row.key)}
          aria-label={`Select ${row.word}, ${at(row.from)}`}
          className="touch inline-flex max-w-full items-center gap-1.5 text-left font-medium hover:underline"
        >
          {row.status && <StatusShape status={row.status} />}
          {row.outcome && <EventGlyph outcome={row.outcome} />}
          <span className="truncate">{row.word}</span>
        </button>
      </TableCell>
      <TableCell className="truncate">
        <HostileText text={row.reason} />
      </TableCell>
      <TableCell className="text-small whitespace-nowrap tabular-nums">{at(row.from)}</TableCell>
      <TableCell className="text-small whitespace-nowrap tabular-nums">
        {isEvent ? <Nothing /> : row.to === null ? "still so" : at(row.to)}
      </TableCell>
      <TableCell numeric className="text-small whitespace-nowrap">
        {isEvent ? <Nothing /> : formatDuration(lengthMs)}
      </TableCell>
      <TableCell numeric className="text-small">
        {row.verdicts === null ? <Nothing /> : formatCount(row.verdicts)}
      </TableCell>
      <TableCell className="text-small whitespace-nowrap text-muted tabular-nums">
        {at(row.recordedAt)}
      </TableCell>
    </tr>
  );
});

/** Where a column does not apply. */
function Nothing() {
  return <span className="text-faint">–</span>;
}
