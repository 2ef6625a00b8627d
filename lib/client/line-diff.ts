/** Two texts line by line: what one has and the other has not. */

export type DiffLine = {
  kind: "same" | "removed" | "added";
  text: string;
  /** Number of the line in the first text, from 1; `null` = it is not there. */
  a: number | null;
  b: number | null;
};

/** Where the table of the comparison would have more cells than this, the middle is told as replaced. */
const MAX_CELLS = 9_000_000;

/** Every line of both, in order; as few as possible removed and added. */
export function diffLines(a: string, b: string): DiffLine[] {
  const [left, right] = [a.split("\n"), b.split("\n")];
  let head = 0;
  while (head < Math.min(left.length, right.length) && left[head] === right[head]) head += 1;
  let tail = 0;
  const most = Math.min(left.length, right.length) - head;
  while (tail < most && left[left.length - 1 - tail] === right[right.length - 1 - tail]) tail += 1;
  const [leftEnd, rightEnd] = [left.length - tail, right.length - tail];
  const kinds = middleOf(left.slice(head, leftEnd), right.slice(head, rightEnd));
  const same = (count: number) => Array.from({ length: count }, () => "same" as const);
  let [i, j] = [0, 0];
  return [...same(head), ...kinds, ...same(tail)].map((kind): DiffLine => {
    const text = (kind === "added" ? right[j] : left[i]) ?? "";
    if (kind !== "added") i += 1;
    if (kind !== "removed") j += 1;
    return { kind, text, a: kind === "added" ? null : i, b: kind === "removed" ? null : j };
  });
}

/** By longest common subsequence; what is removed comes before what is added in its place. */
function middleOf(left: readonly string[], right: readonly string[]): DiffLine["kind"][] {
  const [rows, columns] = [left.length, right.length];
  if (rows * columns > MAX_CELLS)
    return [...left.map(() => "removed" as const), ...right.map(() => "added" as const)];
  const width = columns + 1;
  const longest = new Uint32Array((rows + 1) * width);
  const at = (i: number, j: number) => longest[i * width + j] ?? 0;
  for (let i = rows - 1; i >= 0; i -= 1) {
    for (let j = columns - 1; j >= 0; j -= 1) {
      longest[i * width + j] =
        left[i] === right[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const kinds: DiffLine["kind"][] = [];
  for (let [i, j] = [0, 0]; i < rows || j < columns; ) {
    if (i < rows && j < columns && left[i] === right[j]) {
      kinds.push("same");
      i += 1;
      j += 1;
    } else if (i < rows && (j === columns || at(i + 1, j) >= at(i, j + 1))) {
      kinds.push("removed");
      i += 1;
    } else {
      kinds.push("added");
      j += 1;
    }
  }
  return kinds;
}

/** A stretch that is shown, or that many equal lines which are not. */
export type DiffPart = { lines: readonly DiffLine[] } | { hidden: number };

/** The changes with some equal lines around each; `[]` = nothing differs. */
export function diffParts(lines: readonly DiffLine[], around = 3): DiffPart[] {
  const near = new Set<number>();
  lines.forEach(({ kind }, index) => {
    if (kind === "same") return;
    for (let i = index - around; i <= index + around; i += 1) near.add(i);
  });
  if (near.size === 0) return [];
  const parts: DiffPart[] = [];
  for (let start = 0; start < lines.length; ) {
    const shown = near.has(start);
    let end = start;
    while (end < lines.length && near.has(end) === shown) end += 1;
    parts.push(shown ? { lines: lines.slice(start, end) } : { hidden: end - start });
    start = end;
  }
  return parts;
}
