/** Lines of a file of any length, and what each of them is. */
import { createHash } from "node:crypto";
import { BOOTSTRAP_EVENT_TYPE, VERDICT_EVENT_TYPE } from "#lib/sources/contract";
import { JsonError, parseJson } from "#lib/sources/shared/json";

/** Longest line that is read; a longer one is refused and skipped. */
export const MAX_LINE_BYTES = 700 * 1024;

/** `text: null` = longer than {@link MAX_LINE_BYTES}. */
export type Line = { number: number; text: string | null };

/** Split a stream into its non-empty lines, holding one line at most. Numbers count from 1. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  const decoder = new TextDecoder("utf-8");
  let number = 1;
  let parts: Uint8Array[] = [];
  let size = 0;
  const take = (): Line => {
    const text = size > MAX_LINE_BYTES ? null : decoder.decode(Buffer.concat(parts)).trim();
    parts = [];
    size = 0;
    return { number, text };
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      keep(chunk.subarray(start, end));
      const line = take();
      if (line.text !== "") yield line;
      number += 1;
      start = end + 1;
    }
    keep(chunk.subarray(start));
  }
  const last = take();
  if (last.text !== "") yield last;

  function keep(part: Uint8Array): void {
    if (part.byteLength === 0) return;
    size += part.byteLength;
    if (size <= MAX_LINE_BYTES) parts.push(part);
  }
}

/** One line as an element of a CloudEvents batch, or why it is none. */
export type Wrapped = { event: string } | { problem: string };

/**
 * Make a line an event of a batch: an event stays as it is, a compact token and a native JSON
 * document are wrapped with their exact bytes.
 *
 * @param source `source` attribute for what is wrapped
 */
export function wrapLine(text: string, source: string): Wrapped {
  if (/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/.test(text)) {
    const event = {
      ...envelope(text, source),
      type: VERDICT_EVENT_TYPE,
      datacontenttype: "application/eat+jwt",
      data: text,
    };
    return { event: JSON.stringify(event) };
  }
  let document: unknown;
  try {
    // One bad line must not spoil its batch, so each is read as strictly here as it will be there.
    document = parseJson(text);
  } catch (error) {
    if (error instanceof JsonError)
      return { problem: `neither a token nor acceptable JSON: ${error.message}` };
    throw error;
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    return { problem: "a line must be a JSON object or a compact token" };
  }
  if ("specversion" in document) return { event: text };
  const event = {
    ...envelope(text, source),
    type: typeOf(document as Record<string, unknown>),
    datacontenttype: "application/json",
    data_base64: Buffer.from(text, "utf8").toString("base64"),
  };
  return { event: JSON.stringify(event) };
}

function envelope(text: string, source: string) {
  return { specversion: "1.0", id: createHash("sha256").update(text).digest("hex"), source };
}

/** SPIRE's audit lines and our own bootstrap documents are known by a member; the rest are verdicts. */
function typeOf({ schema, type }: Record<string, unknown>): string {
  const isBootstrap =
    type === "audit" || (typeof schema === "string" && schema.startsWith("touchstone.bootstrap/"));
  return isBootstrap ? BOOTSTRAP_EVENT_TYPE : VERDICT_EVENT_TYPE;
}
