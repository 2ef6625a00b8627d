"use client";

import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { NodeSort } from "#lib/client/node-filter";
import type { NodeRow as NodeRowData } from "#lib/contracts/node";
import { useShortcuts } from "../shell/shortcuts.tsx";
import { cn } from "../ui/cn.tsx";
import { Table, TableHead, TableHeader } from "../ui/table.tsx";
import { NodeRow } from "./node-row.tsx";
import type { NodeSelection } from "./selection.ts";

const ROW_PX = 37;
const TOP_BAR_PX = 48;
const HEADER_PX = 32;
/** Before the browser has measured itself, and on the server: enough rows for a large screen. */
const FIRST_VIEW = { width: 1280, height: 1000 };

/**
 * The rows of the list, windowed over the page's own scrolling. `onNearEnd` is called when the last loaded rows
 * come into sight. `j` and `k` move the focus, Enter opens, `x` picks the row for an action on several.
 */
export function NodeTable({
  rows,
  total,
  sort,
  onSort,
  onNearEnd,
  dimmed,
  selection,
}: {
  rows: readonly NodeRowData[];
  total: number;
  sort: NodeSort;
  onSort: (sort: NodeSort) => void;
  onNearEnd: () => void;
  /** The rows belong to the previous filter, whose successor is on its way. */
  dimmed: boolean;
  /** `null` = nothing can be picked: the rows are of the past. */
  selection: NodeSelection | null;
}) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [scrollMargin, setScrollMargin] = useState(0);
  useLayoutEffect(() => {
    const top = body.current?.getBoundingClientRect().top ?? 0;
    setScrollMargin(Math.round(top + window.scrollY));
  }, []);

  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_PX,
    overscan: 12,
    initialRect: FIRST_VIEW,
    scrollMargin,
    scrollPaddingStart: TOP_BAR_PX + HEADER_PX,
    scrollPaddingEnd: ROW_PX,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  const items = virtualizer.getVirtualItems();
  const first = items[0];
  const last = items.at(-1);
  const before = first ? first.start - virtualizer.options.scrollMargin : 0;
  const after = last ? virtualizer.getTotalSize() - (last.end - virtualizer.options.scrollMargin) : 0;

  const nearEnd = last !== undefined && last.index >= rows.length - 20;
  useEffect(() => {
    if (nearEnd) onNearEnd();
  }, [nearEnd, onNearEnd]);

  useRowKeys(rows.length, (index) => virtualizer.scrollToIndex(index, { align: "auto" }));
  useShortcuts([
    {
      keys: "x",
      label: "Pick the row",
      group: "This page",
      run: () => {
        const row = rows[focusedRow()];
        if (row) selection?.toggle(row);
      },
    },
  ]);

  return (
    <Table aria-label="Nodes" aria-rowcount={total + 1} className={cn("table-fixed", dimmed && "opacity-60")}>
      <TableHead className="sticky top-12 z-10">
        <tr aria-rowindex={1}>
          {selection && (
            <TableHeader className="w-9 max-md:hidden">
              <span className="sr-only">Picked</span>
            </TableHeader>
          )}
          <SortHeader by="name" sort={sort} onSort={onSort} className="w-auto md:w-[200px]">
            Node
          </SortHeader>
          <StatusHeader sort={sort} onSort={onSort} />
          <TableHeader className="max-md:hidden">Reason</TableHeader>
          <TableHeader className="w-[180px] max-md:hidden">Last evidence</TableHeader>
          <TableHeader className="w-[150px] max-xl:hidden">Sources</TableHeader>
        </tr>
      </TableHead>
      <tbody ref={body}>
        <Spacer height={before} />
        {items.map(({ index }) => {
          const row = rows[index];
          return (
            row && (
              <NodeRow
                key={row.id}
                row={row}
                index={index}
                ref={virtualizer.measureElement}
                picked={selection?.has(row.id) ?? null}
                onPick={(range) => (range ? selection?.extend(rows, index) : selection?.toggle(row))}
              />
            )
          );
        })}
        <Spacer height={after} />
      </tbody>
    </Table>
  );
}

/** Stands for the rows outside the window. */
function Spacer({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden>
      <td style={{ height }} className="p-0" />
    </tr>
  );
}

/** `j`/`k` put the focus on the next or previous row's link; the window follows. */
function useRowKeys(count: number, reveal: (index: number) => void) {
  const wanted = useRef<number | null>(null);
  useEffect(() => {
    if (wanted.current !== null && focusRow(wanted.current)) wanted.current = null;
  });
  function move(step: number) {
    const here = focusedRow();
    const next = Number.isNaN(here) ? (wanted.current ?? (step > 0 ? 0 : count - 1)) : here + step;
    if (next < 0 || next >= count) return;
    reveal(next);
    wanted.current = focusRow(next) ? null : next;
  }
  useShortcuts([
    { keys: "j", label: "Next row", group: "This page", run: () => move(1) },
    { keys: "k", label: "Previous row", group: "This page", run: () => move(-1) },
  ]);
}

/** Index of the row whose link has the focus; NaN = none. */
function focusedRow(): number {
  return Number((document.activeElement as HTMLElement | null)?.dataset?.row ?? Number.NaN);
}

function focusRow(index: number): boolean {
  const link = document.querySelector<HTMLElement>(`a[data-row="${index}"]`);
  link?.focus({ preventScroll: true });
  return link !== null;
}

type SortProps = { sort: NodeSort; onSort: (sort: NodeSort) => void };

function SortHeader({
  by,
  sort,
  onSort,
  className,
  children,
}: SortProps & { by: "name"; className: string; children: ReactNode }) {
  const up = sort === by;
  const down = sort === `-${by}`;
  return (
    <TableHeader aria-sort={up ? "ascending" : down ? "descending" : "none"} className={className}>
      <SortButton active={up || down} onClick={() => onSort(up ? `-${by}` : by)}>
        {children}
        {up && <ArrowUp aria-hidden className="size-3" />}
        {down && <ArrowDown aria-hidden className="size-3" />}
      </SortButton>
    </TableHeader>
  );
}

/** One column holds status and age: it sorts by worst status, newest change, oldest change in turn. */
function StatusHeader({ sort, onSort }: SortProps) {
  const next = sort === "status" ? "-since" : sort === "-since" ? "since" : "status";
  const word = { status: "worst first", "-since": "newest first", since: "oldest first" } as const;
  const current = sort === "status" || sort === "-since" || sort === "since" ? word[sort] : null;
  const ariaSort = current === null ? "none" : sort === "since" ? "ascending" : "descending";
  return (
    <TableHeader aria-sort={ariaSort} className="w-[170px] md:w-[170px]">
      <SortButton active={current !== null} onClick={() => onSort(next)}>
        Status
        {current && (
          <span className="normal-case">
            <ArrowDown aria-hidden className="mr-0.5 inline size-3" />
            {current}
          </span>
        )}
      </SortButton>
    </TableHeader>
  );
}

function SortButton({
  active,
  onClick,
  children,
}: {
  active: boolean;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      onClick={onClick}
      className={cn(
        "-mx-1 inline-flex h-8 items-center gap-1 px-1 uppercase hover:text-fg pointer-coarse:h-11",
        active && "text-fg",
      )}
    >
      {children}
    </button>
  );
}
