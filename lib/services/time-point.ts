/** Reading the two times of a question. */
import type { TimePoint } from "#db/queries/time-sql";
import type { TimePointQuery } from "#lib/contracts/time";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "./context.ts";

/** A time point with what the answer says about it. */
export type AskedTime = TimePoint & { used: { asOf: string; knownAt: string } };

/**
 * The instants that a query asks about.
 *
 * Nothing can be known about the future, neither ours nor that of the instant whose knowledge is asked
 * for. `knownAt` alone asks about that same instant.
 *
 * @throws {ProblemError} `request/invalid` for an instant of the future
 */
export function timePoint(ctx: Pick<ServiceContext, "now">, query: TimePointQuery): AskedTime {
  const now = ctx.now();
  const knownAt = query.knownAt === undefined ? null : new Date(query.knownAt);
  const asOf = query.asOf === undefined ? knownAt : new Date(query.asOf);
  if (knownAt && knownAt > now)
    throw refusal("knownAt", "Nothing is known yet about an instant of the future.");
  if (asOf && asOf > now) throw refusal("asOf", "The instant lies in the future.");
  if (asOf && knownAt && asOf > knownAt) {
    throw refusal("asOf", "The instant lies after knownAt: at that time it was still the future.");
  }
  return {
    asOf,
    knownAt,
    now,
    used: { asOf: (asOf ?? now).toISOString(), knownAt: (knownAt ?? now).toISOString() },
  };
}

function refusal(name: "asOf" | "knownAt", detail: string): ProblemError {
  return new ProblemError("request/invalid", `#/query/${name}: ${detail}`, {
    pointers: [{ pointer: `#/query/${name}`, detail }],
  });
}
