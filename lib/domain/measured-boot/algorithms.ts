/** Hash algorithms as the TCG numbers them, and the one function that this folder asks its caller for. */

/** Names as Node, IMA and measurement paths spell them. */
const NAMES: Readonly<Record<number, { name: string; bytes: number }>> = {
  4: { name: "sha1", bytes: 20 },
  11: { name: "sha256", bytes: 32 },
  12: { name: "sha384", bytes: 48 },
  13: { name: "sha512", bytes: 64 },
  18: { name: "sm3_256", bytes: 32 },
  39: { name: "sha3_256", bytes: 32 },
  40: { name: "sha3_384", bytes: 48 },
  41: { name: "sha3_512", bytes: 64 },
};

export const SHA1 = 4;

/** One column of digests in a log: an algorithm and the length that the log declares for it. */
export type Bank = { algorithm: number; name: string; bytes: number };

/**
 * Digest of the parts one after the other; `null` = the caller cannot compute this algorithm.
 *
 * @param algorithm a name of {@link bankOf}, such as `sha256`
 */
export type Hash = (algorithm: string, ...parts: readonly Uint8Array[]) => Uint8Array | null;

/** An algorithm that has no name here is called by its number, and can be read but not replayed. */
export function bankOf(algorithm: number, bytes: number): Bank {
  const known = NAMES[algorithm];
  const isKnown = known !== undefined && known.bytes === bytes;
  return { algorithm, name: isKnown ? known.name : `alg_0x${algorithm.toString(16)}`, bytes };
}

/** The bank that a name such as `SHA-256` means; `null` for a name that is not known here. */
export function bankByName(text: string): Bank | null {
  const name = text
    .toLowerCase()
    .replace(/^sha-(?=\d)/, "sha")
    .replaceAll("-", "_");
  const found = Object.entries(NAMES).find((entry) => entry[1].name === name);
  return found ? { algorithm: Number(found[0]), ...found[1] } : null;
}
