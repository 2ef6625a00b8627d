"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { useId, useMemo, useRef, useState } from "react";
import { Button } from "#components/ui/button";
import { Card } from "#components/ui/card";
import { CopyButton } from "#components/ui/copy-button";
import { HostileText } from "#components/ui/hostile-text";
import { Input } from "#components/ui/input";
import { formatCount } from "#lib/client/format";

const ROW_PX = 32;
const WINDOW_FROM = 200;
const FILTER_FROM = 8;

/** The keyed measurements of a verdict, to filter by path or value; windowed when there are many. */
export function MeasurementsTable({
  measurements,
  digest,
}: {
  measurements: Readonly<Record<string, string>>;
  digest: string | null;
}) {
  const id = useId();
  const [filter, setFilter] = useState("");
  const all = useMemo(
    () => Object.entries(measurements).sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true })),
    [measurements],
  );
  const needle = filter.trim().toLowerCase();
  const rows = useMemo(
    () =>
      needle === "" ? all : all.filter(([path, value]) => `${path} ${value}`.toLowerCase().includes(needle)),
    [all, needle],
  );
  const box = useRef<HTMLDivElement>(null);
  const windowed = rows.length > WINDOW_FROM;
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
    enabled: windowed,
  });
  if (all.length === 0) {
    return (
      <Card title="Measurements">
        <p className="text-data text-muted">The source sent no measurements with this verdict.</p>
      </Card>
    );
  }

  const items = windowed ? virtualizer.getVirtualItems() : null;
  const shown = items ? items.map(({ index }) => index) : rows.map((_, index) => index);
  return (
    <Card flush title={`Measurements (${formatCount(all.length)})`}>
      {all.length >= FILTER_FROM && (
        <div className="flex items-center gap-3 border-b border-line px-3 py-1.5">
          <label htmlFor={id} className="sr-only">
            Filter by path or value
          </label>
          <Input
            id={id}
            type="search"
            value={filter}
            placeholder="Filter by path or value"
            onChange={(event) => setFilter(event.target.value)}
            className="max-w-[320px]"
          />
          <span role="status" className="text-small whitespace-nowrap text-muted">
            {needle !== "" && `${formatCount(rows.length)} of ${formatCount(all.length)}`}
          </span>
        </div>
      )}
      {rows.length === 0 ? (
        <div className="flex items-center gap-3 px-3 py-3 text-data text-muted">
          No path or value contains this.
          <Button size="sm" onClick={() => setFilter("")}>
            Clear the filter
          </Button>
        </div>
      ) : (
        <section
          ref={box}
          aria-label="Measurements"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
          tabIndex={0}
          className="relative max-h-[420px] overflow-auto focus-visible:outline-offset-[-2px]"
        >
          <table
            aria-rowcount={rows.length}
            className="w-full min-w-[520px] table-fixed text-left font-mono text-small"
          >
            <caption className="sr-only">Measurements by path</caption>
            <thead className="sr-only">
              <tr>
                <th scope="col">Path</th>
                <th scope="col">Value</th>
              </tr>
            </thead>
            <tbody>
              {items?.[0] && items[0].start > 0 && <Spacer heightPx={items[0].start} />}
              {shown.map((index) => {
                const [path, value] = rows[index] ?? ["", ""];
                return (
                  <tr
                    key={path}
                    aria-rowindex={index + 1}
                    className="h-8 border-b border-line last:border-b-0"
                  >
                    <th scope="row" className="w-[38%] px-3 font-normal text-muted">
                      <HostileText text={path} max={48} />
                    </th>
                    <td className="px-3">
                      <span className="flex items-center justify-between gap-2">
                        <HostileText text={value} max={72} />
                        <CopyButton value={value} label="Copy value" />
                      </span>
                    </td>
                  </tr>
                );
              })}
              {items && <Spacer heightPx={virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0)} />}
            </tbody>
          </table>
        </section>
      )}
      {digest !== null && (
        <p className="flex flex-wrap items-center gap-x-2 border-t border-line px-3 py-1.5 text-small text-muted">
          <span className="label">Set digest</span>
          <span className="font-mono break-all">{digest}</span>
          <CopyButton value={digest} label="Copy the digest of the measurement set" />
        </p>
      )}
    </Card>
  );
}

function Spacer({ heightPx }: { heightPx: number }) {
  if (heightPx <= 0) return null;
  return (
    <tr style={{ height: heightPx }}>
      <td colSpan={2} />
    </tr>
  );
}
