/**
 * Checks a whole log, entry by entry, in constant memory, and names the first one that is wrong.
 *
 * Three witnesses speak: the entries as they stand, the hashes that the log took in, and what is remembered
 * outside of it (signed checkpoints, and the leaves of the checkpoint file). They must agree.
 */
import { sameBytes } from "#lib/domain/merkle/bytes";
import { parseCheckpoint } from "#lib/domain/merkle/checkpoint";
import { type Note, parseNote, type VerifierKey, verifiedBy } from "#lib/domain/merkle/note";
import { append, EMPTY_FRONTIER, type Frontier, leafHash, rootOfFrontier } from "#lib/domain/merkle/tree";
import { sha256, verifyEd25519 } from "./crypto.ts";

/** One place of the log as it is found. */
export type FoundLeaf = {
  index: number;
  entryId: string;
  /** The hash that the log took in; `null` = the log holds only the bytes. */
  taken: Uint8Array | null;
  /** What the entry's bytes are now; `null` = the entry is gone. */
  bytes: Uint8Array | null;
};

/** Where the checkpoint comes from, for the message. */
export type FoundCheckpoint = { note: string; where: "log" | "file" | "given" };

/** What the one who checks knows from elsewhere: keys of the log, and checkpoints that were kept. */
export type Known = { vkeys?: readonly string[] | undefined; given?: readonly string[] | undefined };

export type LogReader = {
  origin: string;
  keys: readonly VerifierKey[];
  /** In the order of the log. */
  leaves: AsyncIterable<readonly FoundLeaf[]>;
  /** By size, smallest first. */
  checkpoints: AsyncIterable<FoundCheckpoint>;
  /** Leaves that are remembered outside, from index 0 on without a gap; 32 bytes each, any number at a time. */
  remembered: AsyncIterable<Uint8Array>;
};

/** `index` of the first wrong entry; `null` when it is not about an entry. */
export type LogFault = { index: number | null; entryId: string | null; what: string };
/** `size` = entries that were checked; all of them when there is no fault. */
export type Verification = { origin: string; size: number; checkpoints: number; fault: LogFault | null };

/** Check a log from its first entry to its last. */
export async function verifyLog(reader: LogReader): Promise<Verification> {
  const { origin, keys } = reader;
  const checkpoints = new Checkpoints(reader.checkpoints, origin, keys);
  const remembered = new Remembered(reader.remembered);
  let frontier = EMPTY_FRONTIER;
  const end = (fault: LogFault | null): Verification => ({
    origin,
    size: frontier.size,
    checkpoints: checkpoints.checked,
    fault,
  });
  try {
    for await (const batch of reader.leaves) {
      for (const leaf of batch) {
        // Waiting costs more than hashing, so that it is done only where something has to be fetched.
        if (remembered.isEmpty) await remembered.load();
        const hash = leaf.bytes && leafHash(sha256, leaf.bytes);
        const fault = faultOf(leaf, { expected: frontier.size, hash, outside: remembered.take() });
        if (fault || !hash) return end(fault);
        frontier = append(sha256, frontier, hash);
        if (!checkpoints.areBeyond(frontier.size)) {
          const contradiction = await checkpoints.compare(frontier, leaf);
          if (contradiction) return end(contradiction);
        }
      }
    }
    return end(await faultAtEnd(frontier, checkpoints, remembered));
  } finally {
    await Promise.all([checkpoints.close(), remembered.close()]);
  }
}

type Expected = { expected: number; hash: Uint8Array | null; outside: Uint8Array | null };

function faultOf(leaf: FoundLeaf, { expected, hash, outside }: Expected): LogFault | null {
  const { index, taken } = leaf;
  const at = (what: string, id: string | null = leaf.entryId): LogFault => ({
    index: expected,
    entryId: id,
    what,
  });
  if (index !== expected) return at("is missing: the log goes on with another one", null);
  if (!hash) return at("was deleted");
  if (outside && !sameBytes(hash, outside)) return at("is not the one that was signed");
  if (taken && !sameBytes(hash, taken)) return at("was changed after it was written");
  return null;
}

async function faultAtEnd(
  { size }: Frontier,
  checkpoints: Checkpoints,
  remembered: Remembered,
): Promise<LogFault | null> {
  const next = await checkpoints.peek();
  if (next === "unreadable") return { index: null, entryId: null, what: UNREADABLE };
  await remembered.load();
  if (next || !remembered.isEmpty)
    return { index: size, entryId: null, what: "is missing: the log was cut off, or an older one put back" };
  if (checkpoints.covered < size)
    return { index: checkpoints.covered, entryId: null, what: "was added behind the last checkpoint" };
  return null;
}

const UNREADABLE = "a checkpoint is not signed by a key of the log, or is no checkpoint of it";

/** The checkpoints one by one, each signed by a key that is known. */
class Checkpoints {
  checked = 0;
  /** Entries that checkpoints vouch for. */
  covered = 0;
  #iterator: AsyncIterator<FoundCheckpoint>;
  #origin: string;
  #keys: readonly VerifierKey[];
  #ahead: { size: number; root: Uint8Array; where: string } | null | "unreadable" | undefined;

  constructor(found: AsyncIterable<FoundCheckpoint>, origin: string, keys: readonly VerifierKey[]) {
    this.#iterator = found[Symbol.asyncIterator]();
    this.#origin = origin;
    this.#keys = keys;
  }

  /** Whether all that are left are of a larger tree; also `false` while that is not known. */
  areBeyond(size: number): boolean {
    const next = this.#ahead;
    return next === null || (typeof next === "object" && next.size > size);
  }

  /** Hold all checkpoints of this size against the tree, whose last leaf is given. */
  async compare(frontier: Frontier, leaf: FoundLeaf): Promise<LogFault | null> {
    for (;;) {
      const next = await this.peek();
      if (next === "unreadable") return { index: null, entryId: null, what: UNREADABLE };
      if (!next || next.size > frontier.size) return null;
      if (next.size < frontier.size || !sameBytes(next.root, rootOfFrontier(sha256, frontier))) {
        const [from, to] = [this.covered, frontier.size - 1];
        const what = `and those up to ${to} are not the ones that a checkpoint (${next.where}) signed`;
        return { index: from, entryId: from === to ? leaf.entryId : null, what };
      }
      this.checked += 1;
      this.covered = next.size;
      this.#ahead = undefined;
    }
  }

  /** The next one, without taking it; `null` = there is none. */
  async peek() {
    if (this.#ahead === undefined) {
      const { done, value } = await this.#iterator.next();
      this.#ahead = done ? null : (this.#read(value) ?? "unreadable");
    }
    return this.#ahead;
  }

  async close(): Promise<void> {
    await this.#iterator.return?.();
  }

  #read({ note, where }: FoundCheckpoint) {
    const parsed: Note | null = parseNote(note);
    const checkpoint = parsed && parseCheckpoint(parsed.text);
    if (!parsed || checkpoint?.origin !== this.#origin) return null;
    const signers = verifiedBy(parsed, this.#keys, verifyEd25519);
    return signers && signers.length > 0 ? { ...checkpoint, where } : null;
  }
}

const HASH_BYTES = 32;

/** The remembered leaves one by one. */
class Remembered {
  #iterator: AsyncIterator<Uint8Array>;
  #done = false;
  #ahead: Uint8Array = new Uint8Array();
  #at = 0;

  constructor(found: AsyncIterable<Uint8Array>) {
    this.#iterator = found[Symbol.asyncIterator]();
  }

  /** Whether the next one has to be fetched first, as far as there is one. */
  get isEmpty(): boolean {
    return this.#at + HASH_BYTES > this.#ahead.length;
  }

  /** Afterwards it is empty only when nothing is left. */
  async load(): Promise<void> {
    while (this.isEmpty && !this.#done) {
      const { done, value } = await this.#iterator.next();
      this.#done = done === true;
      [this.#ahead, this.#at] = [done ? new Uint8Array() : value, 0];
    }
  }

  /** `null` = there is no other, or it was not fetched. */
  take(): Uint8Array | null {
    if (this.isEmpty) return null;
    const start = this.#at;
    this.#at += HASH_BYTES;
    return this.#ahead.subarray(start, this.#at);
  }

  async close(): Promise<void> {
    await this.#iterator.return?.();
  }
}

/** A sentence about a fault. */
export function faultSentence({ index, entryId, what }: LogFault): string {
  if (index === null) return entryId === null ? what : `Entry ${entryId} ${what}`;
  return `Entry ${index}${entryId === null ? "" : ` (${entryId})`} ${what}`;
}
