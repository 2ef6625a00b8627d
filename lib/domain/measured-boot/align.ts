/** Which entries of two sequences are the same: the longest common subsequence, with bounded work. */

/** Cells of the exact table: two registers of a thousand events each. */
const MAX_CELLS = 1_000_000;

/** Pairs of places, in order, that hold equal texts. */
export type Match = readonly [a: number, b: number];

/**
 * An inserted entry costs one unmatched entry, wherever it stands: nothing behind it shifts.
 *
 * Exact for sequences whose differing middle has at most a million pairs; beyond that, entries are
 * paired by occurrence and the longest chain of pairs in order is taken, which may match fewer.
 */
export function align(a: readonly string[], b: readonly string[]): Match[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let tail = 0;
  while (
    tail < a.length - start &&
    tail < b.length - start &&
    a[a.length - 1 - tail] === b[b.length - 1 - tail]
  ) {
    tail += 1;
  }
  const middleA = a.slice(start, a.length - tail);
  const middleB = b.slice(start, b.length - tail);
  const middle =
    middleA.length * middleB.length <= MAX_CELLS ? exact(middleA, middleB) : byOccurrence(middleA, middleB);
  return [
    ...Array.from({ length: start }, (_, i): Match => [i, i]),
    ...middle.map(([i, j]): Match => [start + i, start + j]),
    ...Array.from({ length: tail }, (_, i): Match => [a.length - tail + i, b.length - tail + i]),
  ];
}

function exact(a: readonly string[], b: readonly string[]): Match[] {
  const width = b.length + 1;
  // lengths[i * width + j]: longest common subsequence of what is left of both from i and j on.
  const lengths = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const matches: Match[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) matches.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return matches;
}

function byOccurrence(a: readonly string[], b: readonly string[]): Match[] {
  const places = new Map<string, number[]>();
  for (const [j, text] of b.entries()) {
    const known = places.get(text);
    if (known) known.push(j);
    else places.set(text, [j]);
  }
  const used = new Map<string, number>();
  const pairs: Match[] = [];
  for (const [i, text] of a.entries()) {
    const turn = used.get(text) ?? 0;
    const j = places.get(text)?.[turn];
    if (j === undefined) continue;
    used.set(text, turn + 1);
    pairs.push([i, j]);
  }
  return longestRising(pairs);
}

/** The longest part of the pairs whose second places rise (patience sorting). */
function longestRising(pairs: readonly Match[]): Match[] {
  const ends: number[] = [];
  const before = new Int32Array(pairs.length).fill(-1);
  for (const [index, [, j]] of pairs.entries()) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[ends[middle] ?? 0]?.[1] ?? 0) < j) low = middle + 1;
      else high = middle;
    }
    before[index] = ends[low - 1] ?? -1;
    ends[low] = index;
  }
  const chain: Match[] = [];
  for (let index = ends.at(-1) ?? -1; index >= 0; index = before[index] ?? -1) {
    const pair = pairs[index];
    if (pair) chain.push(pair);
  }
  return chain.reverse();
}
