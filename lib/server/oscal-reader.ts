/** OSCAL documents that people hand over. */
import "server-only";
import { ProblemError } from "#lib/domain/problems";
import { JsonError, parseJson } from "#lib/sources/shared/json";

/** Most strings of a document: the largest published catalogue has a third of them. */
const MAX_STRINGS = 1_000_000;

/**
 * The value of a document, without texts that no database takes, keys that are given twice and deep nesting.
 *
 * @param field of the request that it stood in
 * @throws {ProblemError} `request/invalid`
 */
export function readOscalJson(text: string, field: string): unknown {
  try {
    return parseJson(text, { maxStrings: MAX_STRINGS });
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const detail = `The document is not acceptable JSON: ${error.message}.`;
    throw new ProblemError("request/invalid", detail, { pointers: [{ pointer: `#/${field}`, detail }] });
  }
}
