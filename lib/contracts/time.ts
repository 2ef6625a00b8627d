/**
 * The two times of every question: what was true at an instant, and what was known at one.
 *
 * Both are optional and default to now. `knownAt` alone asks for what was believed then about then.
 */
import { z } from "zod";
import { Instant } from "./common.ts";

const AsOf = Instant.optional().meta({
  description:
    "Valid time: answer for what was true at this instant. Default: `knownAt`, else now. Refused when it lies in the future or after `knownAt`.",
});

const KnownAt = Instant.optional().meta({
  description:
    "Recorded time: answer with what was known at this instant, without later corrections and late evidence. Default: now. Refused when it lies in the future.",
});

/** Query parameters of an endpoint that understands both times. */
export const TimePointQuery = { asOf: AsOf, knownAt: KnownAt };
export type TimePointQuery = { asOf?: string | undefined; knownAt?: string | undefined };

/** Members of its answer: the instants that were used. */
export const TimePointAnswer = { asOf: Instant, knownAt: Instant };

/** A time that has no meaning for an endpoint: refused with the reason, never ignored. */
const meaningless = (reason: string) =>
  z
    .never({ error: `Not accepted here: ${reason}` })
    .optional()
    .meta({ description: `Refused: ${reason}` });

/** For endpoints whose window is the valid time. */
export const WindowQuery = {
  asOf: meaningless("the window from `from` to `to` says which valid time is asked for."),
  knownAt: KnownAt,
};

/** For a comparison, whose two sides name the valid times. */
export const KnownAtOnlyQuery = {
  asOf: meaningless("the sides `a` and `b` say which instants are compared."),
  knownAt: KnownAt,
};

/** For what happens at the moment it is recorded: there is one time only. */
export const RecordedQuery = {
  asOf: AsOf,
  knownAt: meaningless("this is recorded when it happens, so `asOf` says all."),
};

/** For what is asked in order to act on it. @param reason what it is instead, as a sentence */
export const presentQuery = (reason: string) => ({ asOf: meaningless(reason), knownAt: meaningless(reason) });

/** For what never changes once it is stored. */
export const FixedQuery = z.strictObject({
  asOf: meaningless("a verdict is named by its digest and never changes."),
  knownAt: meaningless("a verdict is named by its digest and never changes."),
});
