/** The rules of a witness (C2SP tlog-witness): what it cosigns, and with which answer it refuses. */
import { fromBase64, sameBytes, wholeNumber } from "./bytes.ts";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { type Note, parseNote, type VerifierKey, type Verify, verifiedBy } from "./note.ts";
import { emptyRoot, type Hash } from "./tree.ts";
import { isConsistent } from "./verify.ts";

export type AddCheckpoint = {
  oldSize: number;
  proof: readonly Uint8Array[];
  note: Note;
  checkpoint: Checkpoint;
};

const MAX_PROOF_LINES = 63;
const HASH_BYTES = 32;

/** The body of `add-checkpoint`; `null` for anything else. */
export function parseAddCheckpoint(body: string): AddCheckpoint | null {
  const end = body.indexOf("\n\n");
  const [oldLine = "", ...proofLines] = body.slice(0, Math.max(end, 0)).split("\n");
  const oldSize = oldLine.startsWith("old ") ? wholeNumber(oldLine.slice("old ".length)) : null;
  const note = parseNote(body.slice(end + 2));
  const checkpoint = note && parseCheckpoint(note.text);
  const proof = proofLines.map(fromBase64).filter((hash) => hash?.length === HASH_BYTES);
  if (end < 0 || oldSize === null || !note || !checkpoint) return null;
  if (proof.length !== proofLines.length || proof.length > MAX_PROOF_LINES) return null;
  return { oldSize, proof: proof as Uint8Array[], note, checkpoint };
}

/** What the witness cosigned last for this log; `null` = nothing yet. */
export type Seen = Pick<Checkpoint, "size" | "root"> | null;

/** 409 tells the size that the witness knows; `detail` is for people. */
export type WitnessAnswer = { status: 200 | 400 | 403 | 404 | 409 | 422; detail: string };

/**
 * Whether a checkpoint may be cosigned. Only after 200 may the witness remember it and sign.
 *
 * @param keys of the log with this origin; `null` = the witness does not know the log
 */
export function judgeCheckpoint(
  hash: Hash,
  verify: Verify,
  { asked, keys, seen }: { asked: AddCheckpoint; keys: readonly VerifierKey[] | null; seen: Seen },
): WitnessAnswer {
  const { oldSize, proof, note, checkpoint } = asked;
  if (!keys) return { status: 404, detail: "the log is not known here" };
  if (!verifiedBy(note, keys, verify)?.length)
    return { status: 403, detail: "no known key of the log signed it" };
  if (oldSize > checkpoint.size) return { status: 400, detail: "the old size is larger than the new one" };
  const { size = 0, root = emptyRoot(hash) } = seen ?? {};
  if (oldSize !== size) return { status: 409, detail: "another checkpoint was cosigned last" };
  if (oldSize === checkpoint.size && !sameBytes(root, checkpoint.root)) {
    return { status: 409, detail: "the log was forked: two roots for one size" };
  }
  if (oldSize === 0 && checkpoint.size > 0) {
    return proof.length === 0
      ? { status: 200, detail: "the first checkpoint" }
      : { status: 422, detail: "nothing is proven from the empty log" };
  }
  const claim = { oldSize, size: checkpoint.size, oldRoot: root, root: checkpoint.root, proof };
  return isConsistent(hash, claim)
    ? { status: 200, detail: "the log only grew" }
    : { status: 422, detail: "the log is not consistent with the one that was cosigned" };
}
