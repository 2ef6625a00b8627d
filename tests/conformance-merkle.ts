/** The published vectors of Merkle proofs in a folder of third-party samples. */
import { existsSync, readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { join } from "node:path";
import { isConsistent, isIncluded } from "#lib/domain/merkle/verify";
import { sha256 } from "#lib/transparency/crypto";

const FOLDER = "standards/merkle-testdata/testdata";

type Vector = {
  wantErr: boolean;
  proof: string[] | null;
  leafIdx: number;
  treeSize: number;
  leafHash: string;
  root: string;
  size1: number;
  size2: number;
  root1: string;
  root2: string;
};

const bytes = (text: string) => new Uint8Array(Buffer.from(text, "base64"));

/** @returns `null` when the folder is not there */
export async function runMerkleVectors(
  fixtures: string,
): Promise<{ passed: number; failed: number; lines: string[] } | null> {
  const root = join(fixtures, FOLDER);
  if (!existsSync(root)) return null;
  const result = { passed: 0, failed: 0, lines: [] as string[] };
  for (const kind of ["inclusion", "consistency"] as const) {
    for await (const file of glob(`${kind}/**/*.json`, { cwd: root })) {
      const vector = JSON.parse(readFileSync(join(root, file), "utf8")) as Vector;
      const holds = kind === "inclusion" ? included(vector) : consistent(vector);
      if (holds !== vector.wantErr) result.passed += 1;
      else {
        result.failed += 1;
        result.lines.push(`FAIL merkle ${file}`);
      }
    }
  }
  return result;
}

function included({ leafIdx, treeSize, leafHash, root, proof }: Vector): boolean {
  return isIncluded(sha256, {
    index: leafIdx,
    size: treeSize,
    leaf: bytes(leafHash),
    root: bytes(root),
    proof: (proof ?? []).map(bytes),
  });
}

function consistent({ size1, size2, root1, root2, proof }: Vector): boolean {
  return isConsistent(sha256, {
    oldSize: size1,
    size: size2,
    oldRoot: bytes(root1),
    root: bytes(root2),
    proof: (proof ?? []).map(bytes),
  });
}
