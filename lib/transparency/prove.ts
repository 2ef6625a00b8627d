/** Proofs out of a log in the database, from the hashes of complete subtrees. */
import type { Conn } from "#db/client";
import { tileHashes } from "#db/queries/audit-log";
import { tileHashesOf } from "#lib/domain/merkle/tiles";
import { joinPeaks, type NodeRef, proofOf, type Range, subtreesOf } from "#lib/domain/merkle/tree";
import { sha256 } from "./crypto.ts";

const nameOf = ({ level, index }: NodeRef) => `${level}/${index}`;

/** The hashes of a proof; each subtree costs one look-up of at most 128 adjoining hashes. */
export async function readProof(
  conn: Conn,
  trustDomainId: string,
  ranges: readonly Range[],
): Promise<Uint8Array[]> {
  const values = new Map<string, Uint8Array>();
  for (const node of ranges.flatMap(subtreesOf)) {
    const place = tileHashesOf(node);
    const hashes = await tileHashes(conn, trustDomainId, place);
    if (hashes.length !== place.end - place.start)
      throw new Error("The log lacks hashes that it should have");
    values.set(nameOf(node), joinPeaks(sha256, perfect(hashes)));
  }
  return proofOf(sha256, ranges, (node) => values.get(nameOf(node)) ?? new Uint8Array());
}

/** A full subtree is joined from the left in pairs, which is the tree of its one peak. */
function perfect(hashes: readonly Uint8Array[]): Uint8Array[] {
  let row = [...hashes];
  while (row.length > 1) {
    row = Array.from({ length: row.length / 2 }, (_, n) => joinPeaks(sha256, row.slice(2 * n, 2 * n + 2)));
  }
  return row;
}
