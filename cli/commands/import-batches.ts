/** Sends lines in batches and tells what became of each of them. */
import type { IngestResult } from "#lib/contracts/ingest";
import { ProblemError } from "#lib/domain/problems";
import { type Line, wrapLine } from "./import-lines.ts";

/** One refused line. */
export type RefusedLine = { line: number; code: string; detail: string };
export type ImportTotals = { lines: number; accepted: number; duplicate: number; rejected: number };

/**
 * Hands one CloudEvents batch to the product.
 *
 * @throws {ProblemError} when the batch as a whole is refused
 */
export type Send = (batch: string) => Promise<IngestResult>;

const MAX_BATCH_EVENTS = 500;
const MAX_BATCH_BYTES = 900 * 1024;

/** Refusals of a batch that may be one event's fault, so that the others deserve another attempt. */
const DIVISIBLE: ReadonlySet<string> = new Set(["request/malformed", "request/too-large", "batch/too-many"]);

type Item = { line: number; event: string };

/**
 * Import a stream of lines; at most one batch is held at a time.
 *
 * @param refused told about every line that was not accepted, in the order of the batches
 */
export async function importLines(
  lines: AsyncIterable<Line>,
  { source, send, refused }: { source: string; send: Send; refused: (line: RefusedLine) => void },
): Promise<ImportTotals> {
  const totals: ImportTotals = { lines: 0, accepted: 0, duplicate: 0, rejected: 0 };
  const refuse = (line: RefusedLine) => {
    totals.rejected += 1;
    refused(line);
  };
  const flush = async (items: readonly Item[]): Promise<void> => {
    if (items.length === 0) return;
    try {
      const result = await send(`[${items.map(({ event }) => event).join(",")}]`);
      totals.accepted += result.accepted;
      totals.duplicate += result.duplicate;
      for (const { index, problem } of result.rejected) {
        refuse({ line: items[index]?.line ?? 0, code: problem.code, detail: problem.detail });
      }
    } catch (error) {
      if (!(error instanceof ProblemError) || !DIVISIBLE.has(error.code)) throw error;
      const [only] = items;
      if (items.length === 1 && only)
        return refuse({ line: only.line, code: error.code, detail: error.message });
      const half = Math.ceil(items.length / 2);
      await flush(items.slice(0, half));
      await flush(items.slice(half));
    }
  };

  let batch: Item[] = [];
  let bytes = 0;
  for await (const { number, text } of lines) {
    totals.lines += 1;
    const wrapped = text === null ? { problem: "the line is too long" } : wrapLine(text, source);
    if ("problem" in wrapped) {
      refuse({
        line: number,
        code: text === null ? "event/too-large" : "event/malformed",
        detail: wrapped.problem,
      });
      continue;
    }
    const size = Buffer.byteLength(wrapped.event) + 1;
    if (batch.length >= MAX_BATCH_EVENTS || bytes + size > MAX_BATCH_BYTES) {
      await flush(batch);
      batch = [];
      bytes = 0;
    }
    batch.push({ line: number, event: wrapped.event });
    bytes += size;
  }
  await flush(batch);
  return totals;
}
