/** Checkpoints of C2SP (tlog-checkpoint v1): the note text that says how large a log is, and its root. */
import { fromBase64, toBase64, wholeNumber } from "./bytes.ts";
import { isKeyName } from "./note.ts";

/** `origin` names the log, for ever; it is the name of its keys, too. */
export type Checkpoint = { origin: string; size: number; root: Uint8Array };

const ROOT_BYTES = 32;

export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** `null` for what is no checkpoint. Extension lines are allowed and not read. */
export function parseCheckpoint(text: string): Checkpoint | null {
  const [origin = "", sizeText = "", rootText = "", ...extensions] = text.split("\n");
  const size = wholeNumber(sizeText);
  const root = fromBase64(rootText);
  if (!isKeyName(origin) || size === null || root?.length !== ROOT_BYTES) return null;
  // The text ends with a newline, so the last part is empty and no other one is.
  if (extensions.pop() !== "" || extensions.includes("")) return null;
  return { origin, size, root };
}
