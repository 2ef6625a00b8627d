/** Proofs that travel alone (C2SP tlog-proof v1): an entry's place, the way to the root, and the signed root. */
import { fromBase64, toBase64, wholeNumber } from "./bytes.ts";

/** `note` is the whole signed checkpoint, byte for byte; `extra` whatever goes with the entry. */
export type ProofFile = {
  extra: Uint8Array | null;
  index: number;
  proof: readonly Uint8Array[];
  note: string;
};

const HEADER = "c2sp.org/tlog-proof@v1";
const HASH_BYTES = 32;
/** Trees are smaller than 2^53. */
const MAX_HASHES = 53;

export function formatProofFile({ extra, index, proof, note }: ProofFile): string {
  const lines = [
    HEADER,
    ...(extra ? [`extra ${toBase64(extra)}`] : []),
    `index ${index}`,
    ...proof.map(toBase64),
  ];
  return `${lines.join("\n")}\n\n${note}`;
}

export function parseProofFile(text: string): ProofFile | null {
  const end = text.indexOf("\n\n");
  const [header, ...lines] = text.slice(0, Math.max(end, 0)).split("\n");
  if (end < 0 || header !== HEADER) return null;
  const extraText = lines[0]?.startsWith("extra ") ? lines.shift()?.slice("extra ".length) : undefined;
  const extra = extraText === undefined ? null : fromBase64(extraText);
  const indexLine = lines.shift() ?? "";
  const index = indexLine.startsWith("index ") ? wholeNumber(indexLine.slice("index ".length)) : null;
  const proof = lines.map(fromBase64);
  if (index === null || (extraText !== undefined && !extra) || proof.length > MAX_HASHES) return null;
  const hashes = proof.filter((hash) => hash !== null && hash.length === HASH_BYTES);
  return hashes.length === proof.length
    ? { extra, index, proof: hashes as Uint8Array[], note: text.slice(end + 2) }
    : null;
}
