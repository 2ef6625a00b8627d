/** The name that a caller gives to a change, so that a repeat of it is known. */
import "server-only";
import { ProblemError } from "#lib/domain/problems";

const HEADER = "idempotency-key";
/** A string of structured fields; the bare form of older clients counts too. */
const QUOTED = /^"((?:[ !#-[\]-~]|\\["\\]){1,255})"$/;
const BARE = /^[!#-[\]-~]{1,255}$/;

/**
 * The key of a request.
 *
 * @param kept whether answers are kept here: a key that would be ignored is refused, because whoever sends one counts
 *   on it
 * @returns `null` when there is none
 * @throws {ProblemError} `request/malformed`
 */
export function idempotencyKeyOf(headers: Headers, kept: boolean): string | null {
  const value = headers.get(HEADER);
  if (value === null) return null;
  if (!kept)
    throw new ProblemError(
      "request/malformed",
      "This request keeps no answer. Send it without Idempotency-Key.",
    );
  const key = QUOTED.exec(value)?.[1]?.replace(/\\(["\\])/g, "$1") ?? BARE.exec(value)?.[0];
  if (key === undefined)
    throw new ProblemError(
      "request/malformed",
      'Idempotency-Key is a text in quotes: "…", 255 characters at most.',
    );
  return key;
}
