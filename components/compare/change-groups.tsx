"use client";

import { useMemo, useState } from "react";
import { Button } from "#components/ui/button";
import { HostileText } from "#components/ui/hostile-text";
import type { ChangeGroup } from "#lib/client/compare";
import { formatCount, formatPlural } from "#lib/client/format";
import type { RawChange } from "#lib/client/raw-diff";
import type { ChangeView } from "#lib/contracts/compare";
import { CHANGE_ROW } from "./change-row.ts";
import type { DiffMode } from "./diff-mode.tsx";
import { RawDiff } from "./raw-diff.tsx";

/** Differences under headings; what is the same is folded to a number. Nothing without groups. */
export function ChangeGroups({
  title,
  groups,
  mode,
  children,
}: {
  title: string;
  groups: readonly ChangeGroup[];
  mode: DiffMode;
  children?: React.ReactNode;
}) {
  if (groups.length === 0) return null;
  const count = groups.reduce((sum, { changes }) => sum + changes.length, 0);
  const folded = groups.filter(({ changes }) => changes.length === 0);
  return (
    <section aria-label={title} className="min-w-0 overflow-hidden rounded-[6px] border border-line bg-bg">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-2">
        <h2 className="min-w-0 text-data font-semibold">
          <HostileText text={title} max={80} />
        </h2>
        <span className="text-small text-muted">
          {count === 0 ? "no difference" : formatPlural(count, "change")}
        </span>
        {children}
      </div>
      {groups
        .filter(({ changes }) => changes.length > 0)
        .map((group) => (
          <Group key={group.key} group={group} mode={mode} />
        ))}
      {folded.length > 0 && (
        <p className="px-3 py-2 text-small text-muted">
          Identical: {folded.map(({ title: name, same }) => `${name} (${formatCount(same)})`).join(", ")}
        </p>
      )}
    </section>
  );
}

/** Rows at first and with each press. */
const ROWS = 500;

function Group({ group: { title, changes, same }, mode }: { group: ChangeGroup; mode: DiffMode }) {
  const raw = useMemo(() => changes.map(rawChange), [changes]);
  return (
    <div className="border-b border-line last:border-b-0">
      <h3 className="label flex items-baseline gap-2 bg-sunken px-3 py-1.5">
        {title}
        {same > 0 && <span className="normal-case">{formatCount(same)} identical</span>}
      </h3>
      {mode === "grouped" ? (
        <ChangeTable title={title} changes={changes} />
      ) : (
        <RawDiff changes={raw} mode={mode} sides={["A", "B"]} />
      )}
    </div>
  );
}

const rawChange = ({ path, kind, a, b }: ChangeView): RawChange => ({
  path,
  kind,
  a: a === null ? [] : [a],
  b: b === null ? [] : [b],
});

function ChangeTable({ title, changes }: { title: string; changes: readonly ChangeView[] }) {
  const [most, setMost] = useState(ROWS);
  return (
    <>
      <table className="w-full table-fixed text-left font-mono text-small max-md:block">
        <caption className="sr-only">{title}</caption>
        <thead className="sr-only">
          <tr>
            <th scope="col">Path</th>
            <th scope="col">A</th>
            <th scope="col">B</th>
            <th scope="col">Change</th>
          </tr>
        </thead>
        <tbody className="max-md:block">
          {changes.slice(0, most).map((change) => (
            <ChangeRow key={change.path} change={change} />
          ))}
        </tbody>
      </table>
      {changes.length > most && (
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-3 py-2 text-small text-muted">
          {formatPlural(changes.length - most, "further change")} not shown
          <Button size="sm" onClick={() => setMost(most + 4 * ROWS)}>
            Show more
          </Button>
        </p>
      )}
    </>
  );
}

const KIND: Readonly<Record<ChangeView["kind"], { sign: string; word: string }>> = {
  added: { sign: "+", word: "added" },
  removed: { sign: "−", word: "removed" },
  changed: { sign: "≠", word: "changed" },
};

/** Told by word and sign, not by colour. On a phone the two values stand under the path. */
function ChangeRow({ change: { path, kind, a, b } }: { change: ChangeView }) {
  const { sign, word } = KIND[kind];
  return (
    <tr
      tabIndex={-1}
      {...{ [CHANGE_ROW]: "" }}
      className="border-b border-line align-top last:border-b-0 focus:bg-selected focus-visible:outline-offset-[-2px] max-md:grid max-md:grid-cols-2 max-md:py-1"
    >
      <th scope="row" className="w-[28%] px-3 py-1.5 font-normal text-muted max-md:w-auto">
        <HostileText text={path} className="break-all [&_bdi]:whitespace-normal" />
      </th>
      <Value text={a} side="A" />
      <Value text={b} side="B" />
      <td className="w-[104px] px-3 py-1.5 max-md:col-start-2 max-md:row-start-1 max-md:w-auto max-md:text-right">
        <span aria-hidden className="inline-block w-4">
          {sign}
        </span>
        {word}
      </td>
    </tr>
  );
}

function Value({ text, side }: { text: string | null; side: "A" | "B" }) {
  return (
    <td className="px-3 py-1.5 max-md:col-span-2">
      <span aria-hidden className="label mr-2 md:hidden">
        {side}
      </span>
      {text === null ? (
        <span className="text-muted">not there</span>
      ) : text === "" ? (
        <span className="text-muted">empty</span>
      ) : (
        <HostileText text={text} className="break-all [&_bdi]:whitespace-normal" />
      )}
    </td>
  );
}
