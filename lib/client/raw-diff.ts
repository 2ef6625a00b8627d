/** Changed entries as lines of text: what was taken out and what came in, entry by entry. Pure. */
import type { ChangeKind } from "#lib/domain/diff-measurements";
import { type DiffLine, diffLines, diffParts } from "./line-diff.ts";

/** One entry that differs. Several values on a side = any of them; none = it is not there. */
export type RawChange = { path: string; kind: ChangeKind; a: readonly string[]; b: readonly string[] };

export type RawLine = Pick<DiffLine, "kind" | "text"> | { kind: "hidden"; count: number };

/** The lines of one entry. Equal lines of long values are told by their number. */
export type RawEntry = { path: string; kind: ChangeKind; lines: RawLine[] };

export function rawEntry({ path, kind, a, b }: RawChange): RawEntry {
  return { path, kind, lines: linesOf(a, b) };
}

/** By key and not by place: an entry is compared with itself only, however many stand around it. */
function linesOf(a: readonly string[], b: readonly string[]): RawLine[] {
  const wholly = (kind: "removed" | "added", values: readonly string[]) =>
    values.flatMap((value) => value.split("\n")).map((text) => ({ kind, text }));
  if (a.length === 0) return wholly("added", b);
  if (b.length === 0) return wholly("removed", a);
  const lines = diffLines(a.join("\n"), b.join("\n"));
  return diffParts(lines).flatMap((part): RawLine[] =>
    "hidden" in part
      ? [{ kind: "hidden", count: part.hidden }]
      : part.lines.map(({ kind, text }) => ({ kind, text })),
  );
}

/** A row of the two columns; `null` = nothing stands on that side. */
export type SplitRow =
  | {
      a: { kind: "same" | "removed"; text: string } | null;
      b: { kind: "same" | "added"; text: string } | null;
    }
  | { hidden: number };

/** The same lines side by side: what came in stands next to what was taken out before it. */
export function splitRows(lines: readonly RawLine[]): SplitRow[] {
  const rows: SplitRow[] = [];
  let [removed, added]: [string[], string[]] = [[], []];
  const flush = () => {
    for (let index = 0; index < Math.max(removed.length, added.length); index += 1) {
      const [a, b] = [removed[index], added[index]];
      rows.push({
        a: a === undefined ? null : { kind: "removed", text: a },
        b: b === undefined ? null : { kind: "added", text: b },
      });
    }
    [removed, added] = [[], []];
  };
  for (const line of lines) {
    if (line.kind === "removed") {
      // A new pair begins: what was added before belongs to what was removed before.
      if (added.length > 0) flush();
      removed.push(line.text);
    } else if (line.kind === "added") {
      added.push(line.text);
    } else {
      flush();
      rows.push(
        line.kind === "hidden"
          ? { hidden: line.count }
          : { a: { kind: "same", text: line.text }, b: { kind: "same", text: line.text } },
      );
    }
  }
  flush();
  return rows;
}

export type Folded<Item> = { shown: Item[]; lines: number; hiddenItems: number; hiddenLines: number };

/**
 * As many whole items from the front as have that many lines together; the first one always.
 *
 * @param linesOfItem how many lines an item takes
 */
export function foldLines<Item>(
  items: readonly Item[],
  linesOfItem: (item: Item) => number,
  most: number,
): Folded<Item> {
  let [lines, index, all] = [0, 0, 0];
  for (const [position, item] of items.entries()) {
    const own = linesOfItem(item);
    all += own;
    if (index !== position || (position > 0 && lines + own > most)) continue;
    lines += own;
    index += 1;
  }
  return {
    shown: items.slice(0, index),
    lines,
    hiddenItems: items.length - index,
    hiddenLines: all - lines,
  };
}
