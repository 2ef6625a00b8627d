/** The two instants of a question about credentials. */
import { ProblemError } from "#lib/domain/problems";

/**
 * @returns now for what is not asked
 * @throws {ProblemError} `request/invalid` for an instant that has not come yet
 */
export function instantsOf(
  { asOf, knownAt }: { asOf?: string | undefined; knownAt?: string | undefined },
  now: Date,
): { asOf: Date; knownAt: Date } {
  for (const [name, value] of Object.entries({ asOf, knownAt })) {
    if (value !== undefined && new Date(value) > now) {
      throw new ProblemError("request/invalid", "Nothing is known about the future.", {
        pointers: [{ pointer: `#/query/${name}`, detail: "Must not be later than now." }],
      });
    }
  }
  return { asOf: asOf ? new Date(asOf) : now, knownAt: knownAt ? new Date(knownAt) : now };
}
