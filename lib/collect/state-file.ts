/** What a target must not forget: one file, replaced as a whole. */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";

const State = z.strictObject({
  version: z.literal(1),
  /** Digest over kind, source and addresses: the memory of one verifier means nothing at another. */
  binding: z.string(),
  memory: z.unknown(),
  /** Request bodies that are not known to be stored yet, oldest first. */
  outbox: z.array(z.string()),
});

/** State of one target: memory and outbox change together or not at all. */
export type State = { memory: unknown; outbox: readonly string[] };

const EMPTY_STATE: State = { memory: null, outbox: [] };

/** A state file that must not be used. The message is meant for the operator. */
export class StateError extends Error {
  override readonly name = "StateError";
}

export function bindingOf(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/**
 * @returns an empty state when there is no file yet
 * @throws {StateError} when the file is damaged or belongs to another target: forgetting what was not
 *   delivered is for the operator to decide
 */
export async function readState(path: string, binding: string): Promise<State> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return EMPTY_STATE;
    throw new StateError(`cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
  const parsed = State.safeParse(jsonOrNull(text));
  if (!parsed.success) {
    throw new StateError(`${path} is damaged. Move it away to begin anew; what it held is not delivered.`);
  }
  if (parsed.data.binding !== binding) {
    throw new StateError(
      `${path} belongs to a target with another kind, source or address. Rename the target, or move the file away.`,
    );
  }
  return parsed.data;
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export async function writeState(path: string, binding: string, { memory, outbox }: State): Promise<void> {
  await replaceFile(path, JSON.stringify({ version: 1, binding, memory, outbox }));
}

/** Replace a file so that a reader, or a crash, sees the old text or the new one. Mode 0600. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
