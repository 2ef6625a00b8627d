"use client";

import { useState } from "react";
import type { TrendRange } from "#lib/client/fleet";
import { formatCount, formatInstant, type TimeMode } from "#lib/client/format";
import type { FleetTrend } from "#lib/contracts/fleet";
import { TRUST_STATUSES, type TrustStatus } from "#lib/domain/trust-status";
import { TrendChart } from "../charts/trend-chart.tsx";
import type { Series, TrendRow } from "../charts/trend-rows.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { useTimeMode } from "../ui/preferences.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";
import { StatusShape } from "./status-badge.tsx";
import { STATUS_LABELS } from "./status-words.tsx";

const NOT_GOOD: readonly TrustStatus[] = ["failed", "degraded", "stale"];
/** The stack begins with what there is most of, so that the rest is on top of an even base. */
const STACK: readonly TrustStatus[] = [
  "trusted",
  "exempt",
  "pending",
  "quarantined",
  "stale",
  "degraded",
  "failed",
];
const TABLE_ROWS = 24;

function seriesOf(statuses: readonly TrustStatus[]): Series[] {
  return statuses.map((status) => ({
    key: status,
    label: STATUS_LABELS[status],
    color: `var(--status-${status})`,
  }));
}

/** Rows for the chart; before the first node there is nothing, which is a gap and not a zero. */
function rowsOf(trend: FleetTrend): TrendRow[] {
  return trend.points.map(({ at, nodes, counts }) => ({
    atMs: Date.parse(at),
    values: nodes === 0 ? {} : counts,
  }));
}

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
const TICK_HOURS: Readonly<Record<TrendRange, number>> = { "24h": 3, "7d": DAY_HOURS, "30d": 5 * DAY_HOURS };

/** Round instants within the rows: full hours of the zone that is shown, or its midnights. */
function ticksOf(rows: readonly TrendRow[], range: TrendRange, mode: TimeMode): number[] {
  const [first, last] = [rows[0]?.atMs ?? 0, rows.at(-1)?.atMs ?? 0];
  const stepMs = TICK_HOURS[range] * HOUR_MS;
  const offsetMs = mode === "utc" ? 0 : new Date(last).getTimezoneOffset() * 60_000;
  const start = Math.ceil((first - offsetMs) / stepMs) * stepMs + offsetMs;
  return Array.from(
    { length: Math.floor((last - start) / stepMs) + 1 },
    (_, index) => start + index * stepMs,
  );
}

function tick(atMs: number, range: TrendRange, mode: TimeMode): string {
  const [date = "", time = ""] = formatInstant(new Date(atMs).toISOString(), { mode }).split(" ");
  return range === "24h" ? time.slice(0, 5) : date.slice(5);
}

/** The course of the statuses as a chart, or as the table behind it. */
export function StatusTrend({ trend, range }: { trend: FleetTrend; range: TrendRange }) {
  const mode = useTimeMode();
  const [asTable, setAsTable] = useState(false);
  const rows = rowsOf(trend);
  const present = STACK.filter((status) => trend.points.some(({ counts }) => counts[status] > 0));
  if (present.length === 0) {
    return <EmptyState title="No history in this range">The fleet had no nodes then.</EmptyState>;
  }
  const singles = NOT_GOOD.filter((status) => present.includes(status));
  const formatExact = (atMs: number) => formatInstant(new Date(atMs).toISOString(), { mode });

  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <ul className="flex flex-wrap gap-x-4 gap-y-1 text-small text-muted">
          {present.map((status) => (
            <li key={status} className="inline-flex items-center gap-1.5">
              <StatusShape status={status} size={11} />
              {STATUS_LABELS[status]}
            </li>
          ))}
        </ul>
        <Button size="sm" variant="ghost" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? "Show as chart" : "Show as table"}
        </Button>
      </div>
      {asTable ? (
        <TrendTable trend={trend} mode={mode} />
      ) : (
        <figure aria-label={`Nodes by status over ${range}. The same figures are available as a table.`}>
          <div aria-hidden>
            <TrendChart
              rows={rows}
              stacked={seriesOf(present)}
              singles={seriesOf(singles)}
              ticks={ticksOf(rows, range, mode)}
              formatTick={(atMs) => tick(atMs, range, mode)}
              formatExact={formatExact}
            />
          </div>
        </figure>
      )}
      <p className="text-small text-muted">
        {singles.length > 0 && (
          <>
            Below the whole: {singles.map((status) => STATUS_LABELS[status].toLowerCase()).join(", ")}, each
            on its own scale.{" "}
          </>
        )}
        Times in {mode === "utc" ? "UTC" : "local time"}.
      </p>
    </div>
  );
}

function TrendTable({ trend, mode }: { trend: FleetTrend; mode: TimeMode }) {
  const every = Math.max(1, Math.floor(trend.points.length / TABLE_ROWS));
  const points = trend.points.filter((_, index) => index % every === 0).reverse();
  return (
    <TableFrame tabIndex={0} className="max-h-[262px] overflow-y-auto">
      <Table>
        <TableHead className="sticky top-0">
          <tr>
            <TableHeader>Instant</TableHeader>
            <TableHeader numeric>Nodes</TableHeader>
            {TRUST_STATUSES.map((status) => (
              <TableHeader key={status} numeric>
                {STATUS_LABELS[status]}
              </TableHeader>
            ))}
          </tr>
        </TableHead>
        <TableBody>
          {points.map(({ at, nodes, counts }) => (
            <TableRow key={at}>
              <TableCell className="whitespace-nowrap">{formatInstant(at, { mode })}</TableCell>
              <TableCell numeric>{formatCount(nodes)}</TableCell>
              {TRUST_STATUSES.map((status) => (
                <TableCell key={status} numeric>
                  {nodes === 0 ? "–" : formatCount(counts[status])}
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableFrame>
  );
}
