/** Checks a proof that travels alone: with nothing but its text and the keys of the log. */
import { parseCheckpoint } from "#lib/domain/merkle/checkpoint";
import { parseNote, parseVkey, verifiedBy } from "#lib/domain/merkle/note";
import { parseProofFile } from "#lib/domain/merkle/proof-file";
import { leafHash } from "#lib/domain/merkle/tree";
import { isIncluded } from "#lib/domain/merkle/verify";
import { sha256, verifyEd25519 } from "./crypto.ts";

/** `entry` is the text that the log committed to. */
export type ProofCheck =
  | { ok: true; origin: string; index: number; size: number; entry: string }
  | { ok: false; why: string };

/** Check a C2SP tlog-proof. @param vkeys keys that the log is known by */
export function verifyProof(text: string, vkeys: readonly string[]): ProofCheck {
  const file = parseProofFile(text);
  const note = file && parseNote(file.note);
  const checkpoint = note && parseCheckpoint(note.text);
  if (!file?.extra || !note || !checkpoint) return { ok: false, why: "it is no proof of an entry" };
  const { origin, size, root } = checkpoint;
  const keys = vkeys.map((vkey) => parseVkey(sha256, vkey)).filter((key) => key?.name === origin);
  const signers = verifiedBy(
    note,
    keys.filter((key) => key !== null),
    verifyEd25519,
  );
  if (!signers || signers.length === 0)
    return { ok: false, why: "no key that was given signed its checkpoint" };
  const { extra, index, proof } = file;
  if (!isIncluded(sha256, { index, size, leaf: leafHash(sha256, extra), root, proof })) {
    return { ok: false, why: "the entry is not in the tree that was signed" };
  }
  return { ok: true, origin, index, size, entry: Buffer.from(extra).toString("utf8") };
}
