/**
 * The file outside the database that remembers every checkpoint, and the leaves between them.
 *
 * One JSON document per line, only ever appended to. Whoever rewrites the database, or puts an older one
 * back, contradicts it. The leaves are there so that the first wrong entry can be named, not only seen.
 */
import { createReadStream } from "node:fs";
import { mkdir, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Checkpoint, parseCheckpoint } from "#lib/domain/merkle/checkpoint";
import { parseNote } from "#lib/domain/merkle/note";

const HASH_BYTES = 32;
/** Enough for the last line: a checkpoint takes in at most a thousand leaves. */
const TAIL_BYTES = 128 * 1_024;

/** `leaves` are those from index `from` up to the size of the checkpoint, 32 bytes each. */
export type FileLine = { note: string; from: number; leaves: Buffer };
export type FileCheckpoint = Checkpoint & { note: string };

export function checkpointFile(dataDir: string, trustDomainId: string): string {
  return join(dataDir, "audit", `${trustDomainId}.jsonl`);
}

/** Append and wait until it is on the disk. */
export async function appendCheckpoints(path: string, lines: readonly FileLine[]): Promise<void> {
  if (lines.length === 0) return;
  await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
  const text = lines.map(
    ({ note, from, leaves }) => `${JSON.stringify({ note, from, leaves: leaves.toString("base64") })}\n`,
  );
  const file = await open(path, "a", 0o600);
  try {
    // A line that a crash cut short stays as it is; what follows begins on a line of its own.
    const torn = await isTorn(path);
    await file.appendFile(`${torn ? "\n" : ""}${text.join("")}`);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function isTorn(path: string): Promise<boolean> {
  const tail = await tailOf(path, 1);
  return tail.length > 0 && tail.toString() !== "\n";
}

/** The last checkpoint that the file remembers; `null` when there is no file or nothing in it. */
export async function lastCheckpoint(path: string): Promise<FileCheckpoint | null> {
  const tail = (await tailOf(path, TAIL_BYTES)).toString("utf8");
  for (const line of tail.split("\n").reverse()) {
    const read = readLine(line);
    const checkpoint = read && checkpointOf(read.note);
    if (checkpoint) return { ...checkpoint, note: read.note };
  }
  return null;
}

/** How long the file is now; 0 when there is none. */
export async function checkpointFileSize(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}

/** Every readable line of the first `bytes`, first written first, one at a time. */
export async function* readCheckpointFile(path: string, bytes: number): AsyncGenerator<FileLine> {
  if (bytes === 0) return;
  const input = createReadStream(path, { end: bytes - 1 });
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    const read = readLine(line);
    if (read) yield read;
  }
}

/** The checkpoint within a note, whoever signed it. */
export function checkpointOf(note: string): Checkpoint | null {
  const parsed = parseNote(note);
  return parsed && parseCheckpoint(parsed.text);
}

async function tailOf(path: string, bytes: number): Promise<Buffer> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (!file) return Buffer.alloc(0);
  try {
    const { size } = await file.stat();
    const length = Math.min(bytes, size);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function readLine(line: string): FileLine | null {
  let value: Partial<Record<keyof FileLine, unknown>> | null;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value?.note !== "string" || typeof value.from !== "number" || typeof value.leaves !== "string")
    return null;
  const leaves = Buffer.from(value.leaves, "base64");
  return leaves.length % HASH_BYTES === 0 ? { note: value.note, from: value.from, leaves } : null;
}
