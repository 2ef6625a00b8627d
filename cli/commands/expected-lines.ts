/** Lines of an inventory of expected nodes. */
import { ExpectedNodeLine } from "#lib/contracts/enrolment";
import { ProblemError } from "#lib/domain/problems";
import { parseInput } from "#lib/services/input";
import { type JsonError, parseJson } from "#lib/sources/shared/json";
import type { Line } from "./import-lines.ts";

export type ReadExpected = { nodes: ExpectedNodeLine[]; refused: { line: number; detail: string }[] };

/** Read every line as one node; a bad one is named with its number and does not stop the others. */
export async function readExpected(lines: AsyncIterable<Line>): Promise<ReadExpected> {
  const read: ReadExpected = { nodes: [], refused: [] };
  for await (const { number, text } of lines) {
    const node = text === null ? "the line is too long" : expectedOf(text);
    if (typeof node === "string") read.refused.push({ line: number, detail: node });
    else read.nodes.push(node);
  }
  return read;
}

function expectedOf(text: string): ExpectedNodeLine | string {
  try {
    return parseInput(ExpectedNodeLine, parseJson(text));
  } catch (error) {
    if (error instanceof ProblemError) return error.message;
    return `not readable as JSON: ${(error as JsonError).message}`;
  }
}
