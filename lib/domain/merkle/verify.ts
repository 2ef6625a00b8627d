/** Checks of proofs, by the algorithms of RFC 9162 §2.1.3.2 and §2.1.4.2. */
import { sameBytes } from "./bytes.ts";
import { emptyRoot, type Hash, nodeHash } from "./tree.ts";

const isSize = (value: number) => Number.isSafeInteger(value) && value >= 0;
const isOdd = (value: number) => value % 2 === 1;
const half = (value: number) => Math.floor(value / 2);

/** Whether a leaf with this hash stands at `index` of the tree with this size and root. */
export function isIncluded(
  hash: Hash,
  claim: { index: number; size: number; leaf: Uint8Array; root: Uint8Array; proof: readonly Uint8Array[] },
): boolean {
  const { index, size, leaf, root, proof } = claim;
  if (!isSize(index) || !isSize(size) || index >= size || leaf.length === 0) return false;
  let node = index;
  let last = size - 1;
  let value = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      value = nodeHash(hash, sibling, value);
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      value = nodeHash(hash, value, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && sameBytes(value, root);
}

/** Whether the larger tree only adds to the smaller one. */
export function isConsistent(
  hash: Hash,
  claim: {
    oldSize: number;
    size: number;
    oldRoot: Uint8Array;
    root: Uint8Array;
    proof: readonly Uint8Array[];
  },
): boolean {
  const { oldSize, size, oldRoot, root, proof } = claim;
  if (!isSize(oldSize) || !isSize(size) || oldSize > size) return false;
  if (oldSize === size) {
    if (proof.length > 0 || !sameBytes(oldRoot, root)) return false;
    return size > 0 || sameBytes(root, emptyRoot(hash));
  }
  // Every tree goes on from the empty one, so there is nothing that a proof could say about the larger root.
  if (oldSize === 0) return false;
  let node = oldSize - 1;
  let last = size - 1;
  while (isOdd(node)) [node, last] = [half(node), half(last)];
  const rest = [...proof];
  // A tree whose size is a power of two is a node of the larger one: its root need not be told.
  const first = node === 0 ? oldRoot : rest.shift();
  if (!first) return false;
  let oldValue = first;
  let value = first;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      oldValue = nodeHash(hash, sibling, oldValue);
      value = nodeHash(hash, sibling, value);
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      value = nodeHash(hash, value, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && sameBytes(oldValue, oldRoot) && sameBytes(value, root);
}
