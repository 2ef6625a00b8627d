/**
 * The Merkle tree of RFC 6962 (RFC 9162 §2.1): hashes, proofs and a root that grows entry by entry.
 *
 * Sizes and indexes are whole numbers below 2^53, so they are halved by division, never by bit shifts.
 */

/** SHA-256 in the product; an argument, because the domain has no I/O. It must not keep the bytes that it is given. */
export type Hash = (bytes: Uint8Array) => Uint8Array;

/** The hash of `2^level` leaves from `index * 2^level` on; all of them exist. */
export type NodeRef = { level: number; index: number };
/** Leaves from `start` up to, not including, `end`. */
export type Range = { start: number; end: number };

/** What is hashed is put together here when it fits: room of its own costs each hash a third of its time. */
const draft = new Uint8Array(4_096);

/** Room for so many bytes, of which nothing is kept once they are hashed. */
const roomFor = (length: number): Uint8Array =>
  length <= draft.length ? draft.subarray(0, length) : new Uint8Array(length);

/** @returns H(0x00 ‖ entry) */
export function leafHash(hash: Hash, entry: Uint8Array): Uint8Array {
  const bytes = roomFor(1 + entry.length);
  bytes[0] = 0;
  bytes.set(entry, 1);
  return hash(bytes);
}

/** @returns H(0x01 ‖ left ‖ right) */
export function nodeHash(hash: Hash, left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = roomFor(1 + left.length + right.length);
  bytes[0] = 1;
  bytes.set(left, 1);
  bytes.set(right, 1 + left.length);
  return hash(bytes);
}

export function emptyRoot(hash: Hash): Uint8Array {
  return hash(new Uint8Array());
}

/** The largest power of two below `size`, which is 2 or more. */
export function splitOf(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

/** What is known of a tree that grows: the complete subtrees that it consists of, largest first. */
export type Frontier = { readonly size: number; readonly peaks: readonly Uint8Array[] };

export const EMPTY_FRONTIER: Frontier = { size: 0, peaks: [] };

/** The tree with one more leaf. `completed` is told every subtree that the leaf makes complete, smallest first. */
export function append(
  hash: Hash,
  frontier: Frontier,
  leaf: Uint8Array,
  completed?: (node: NodeRef, value: Uint8Array) => void,
): Frontier {
  const peaks = [...frontier.peaks];
  let carried = leaf;
  let level = 0;
  let index = frontier.size;
  completed?.({ level, index }, carried);
  while (index % 2 === 1) {
    const left = peaks.pop();
    if (!left) throw new Error("A frontier has fewer peaks than its size says");
    carried = nodeHash(hash, left, carried);
    level += 1;
    index = (index - 1) / 2;
    completed?.({ level, index }, carried);
  }
  peaks.push(carried);
  return { size: frontier.size + 1, peaks };
}

export function rootOfFrontier(hash: Hash, { peaks }: Frontier): Uint8Array {
  return peaks.length === 0 ? emptyRoot(hash) : joinPeaks(hash, peaks);
}

/** The hash over adjoining complete subtrees, largest first; at least one. */
export function joinPeaks(hash: Hash, peaks: readonly Uint8Array[]): Uint8Array {
  const last = peaks.at(-1);
  if (!last) throw new Error("There is nothing to join");
  return peaks.slice(0, -1).reduceRight((right, left) => nodeHash(hash, left, right), last);
}

/**
 * The complete subtrees that a range consists of, largest first.
 *
 * @param range one that a proof names: it begins at a multiple of the largest power of two that fits
 */
export function subtreesOf({ start, end }: Range): NodeRef[] {
  const nodes: NodeRef[] = [];
  for (let from = start; from < end; ) {
    let level = 0;
    while (from % 2 ** (level + 1) === 0 && from + 2 ** (level + 1) <= end) level += 1;
    nodes.push({ level, index: from / 2 ** level });
    from += 2 ** level;
  }
  return nodes;
}

/** What an inclusion proof consists of, from the leaf up. Empty for an index outside the tree. */
export function inclusionRanges(index: number, size: number): Range[] {
  const ranges: Range[] = [];
  if (index < 0 || index >= size) return ranges;
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  return ranges.reverse();
}

/** What a consistency proof consists of, in the order of RFC 9162 §2.1.4.1. */
export function consistencyRanges(oldSize: number, size: number): Range[] {
  const ranges: Range[] = [];
  if (oldSize <= 0 || oldSize >= size) return ranges;
  let [start, end] = [0, size];
  let isWhole = true;
  while (oldSize !== end) {
    const middle = start + splitOf(end - start);
    if (oldSize <= middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
      isWhole = false;
    }
  }
  if (!isWhole) ranges.push({ start, end });
  return ranges.reverse();
}

/** The hashes of a proof, given those of complete subtrees. */
export function proofOf(
  hash: Hash,
  ranges: readonly Range[],
  lookUp: (node: NodeRef) => Uint8Array,
): Uint8Array[] {
  return ranges.map((range) => joinPeaks(hash, subtreesOf(range).map(lookUp)));
}
