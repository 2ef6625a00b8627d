"use client";

import { useMemo, useState } from "react";
import { Button } from "#components/ui/button";
import { cn } from "#components/ui/cn";
import { HostileText } from "#components/ui/hostile-text";
import { formatCount, formatPlural } from "#lib/client/format";
import {
  foldLines,
  type RawChange,
  type RawEntry,
  type RawLine,
  rawEntry,
  splitRows,
} from "#lib/client/raw-diff";
import { CHANGE_ROW } from "./change-row.ts";

/** Lines at first and with each press: enough for any usual change, and never more than a page can hold. */
const FIRST_LINES = 500;
const MORE_LINES = 2_000;

const SIGN = { same: " ", removed: "−", added: "+" } as const;
const WORD = { same: "", removed: "removed: ", added: "added: " } as const;

/** Changed entries as lines of text, in one column or in two. */
export function RawDiff({
  changes,
  mode,
  sides,
}: {
  changes: readonly RawChange[];
  mode: "unified" | "split";
  /** What the two columns are called. */
  sides: readonly [a: string, b: string];
}) {
  const [most, setMost] = useState(FIRST_LINES);
  const entries = useMemo(() => changes.map(rawEntry), [changes]);
  const { shown, lines, hiddenItems, hiddenLines } = foldLines(entries, (entry) => entry.lines.length, most);
  return (
    <div className="min-w-0 font-mono text-small">
      {mode === "split" && (
        <p aria-hidden className="grid grid-cols-2 border-b border-line px-3 py-1 font-sans text-muted">
          {sides.map((side) => (
            <span key={side} className="px-1">
              {side}
            </span>
          ))}
        </p>
      )}
      <ul>
        {shown.map((entry, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: several baselines may speak about one path, and none moves
          <Entry key={index} entry={entry} mode={mode} sides={sides} />
        ))}
      </ul>
      {hiddenItems > 0 && (
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-3 py-2 font-sans text-muted">
          {formatPlural(hiddenItems, "further entry", "further entries")} with{" "}
          {formatPlural(hiddenLines, "line")} not shown
          <Button size="sm" onClick={() => setMost(lines + MORE_LINES)}>
            Show more
          </Button>
        </p>
      )}
    </div>
  );
}

function Entry({
  entry: { path, kind, lines },
  mode,
  sides,
}: {
  entry: RawEntry;
  mode: "unified" | "split";
  sides: readonly [string, string];
}) {
  return (
    <li
      tabIndex={-1}
      {...{ [CHANGE_ROW]: "" }}
      className="border-b border-line last:border-b-0 focus:bg-selected focus-visible:outline-offset-[-2px]"
    >
      <p className="flex flex-wrap items-baseline gap-x-2 bg-sunken px-3 py-0.5 text-muted">
        <HostileText text={path} className="break-all [&_bdi]:whitespace-normal" />
        <span className="font-sans">{kind}</span>
      </p>
      {mode === "unified" ? <Unified lines={lines} /> : <Split lines={lines} sides={sides} />}
    </li>
  );
}

/* Lines of one entry never move, so their places are their keys. */

function Unified({ lines }: { lines: readonly RawLine[] }) {
  return lines.map((line, index) =>
    line.kind === "hidden" ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: see above
      <Hidden key={index} count={line.count} />
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: see above
      <p key={index} className={cn("grid grid-cols-[2ch_minmax(0,1fr)] gap-x-1 px-3", TONE[line.kind])}>
        <LineText kind={line.kind} text={line.text} />
      </p>
    ),
  );
}

function Split({ lines, sides: [a, b] }: { lines: readonly RawLine[]; sides: readonly [string, string] }) {
  return splitRows(lines).map((row, index) =>
    "hidden" in row ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: see above
      <Hidden key={index} count={row.hidden} />
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: see above
      <div key={index} className="grid grid-cols-2">
        <Half line={row.a} side={a} />
        <Half line={row.b} side={b} className="border-l border-line" />
      </div>
    ),
  );
}

type HalfLine = { kind: "same" | "removed" | "added"; text: string };

function Half({ line, side, className }: { line: HalfLine | null; side: string; className?: string }) {
  if (!line) return <div className={cn("bg-sunken", className)} />;
  return (
    <p className={cn("grid grid-cols-[2ch_minmax(0,1fr)] gap-x-1 px-3", TONE[line.kind], className)}>
      <span className="sr-only">{side}: </span>
      <LineText {...line} />
    </p>
  );
}

const TONE = { same: "", added: "bg-selected", removed: "text-danger" } as const;

/** Told by sign and word, not by colour. */
function LineText({ kind, text }: HalfLine) {
  return (
    <>
      <span aria-hidden className="text-center">
        {SIGN[kind]}
      </span>
      <span className="min-w-0">
        <span className="sr-only">{WORD[kind]}</span>
        {text === "" ? (
          <span className="font-sans text-muted">empty</span>
        ) : (
          <HostileText text={text} className="break-all [&_bdi]:whitespace-pre-wrap" />
        )}
      </span>
    </>
  );
}

function Hidden({ count }: { count: number }) {
  return (
    <p className="px-3 text-muted">
      ⋯ {formatCount(count)} equal {count === 1 ? "line" : "lines"}
    </p>
  );
}
