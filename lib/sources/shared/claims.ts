/** Claims of a signed token, read strictly: a valid signature over something else proves nothing. */
import { z } from "zod";
import { Refusal } from "./refusal.ts";
import { isStorableTime, type StatedTimes } from "./window.ts";

export type Members = Readonly<Record<string, unknown>>;

/** A text of 1 to 256 characters. */
export const Text = z.string().min(1).max(256);
/** NumericDate (RFC 7519, section 2): seconds, possibly with a fraction or an exponent; read as milliseconds. */
export const Seconds = z
  .number()
  .transform((seconds) => Math.round(seconds * 1000))
  .refine(isStorableTime, "is not a date");
/** An object, whatever it holds. */
export const Anything = z.record(z.string(), z.unknown());

/** @throws {Refusal} category `claims` when the value is no object; `what` names it */
export function asMembers(value: unknown, what: string): Members {
  const result = Anything.safeParse(value);
  if (!result.success) throw new Refusal("claims", `${what} is not an object`);
  return result.data;
}

/** @throws {Refusal} category `claims` with the first thing that does not fit; `what` names the value */
export function check<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Refusal(
    "claims",
    `${what}: ${issue?.path.join(".") || "content"}: ${issue?.message ?? "is wrong"}`,
  );
}

const Times = z.object({ iat: Seconds, nbf: Seconds.optional(), exp: Seconds.optional() });

/**
 * The dates of a JSON Web Token (RFC 7519, section 4.1).
 *
 * @throws {Refusal} category `claims` when `iat` is missing or one of them is no date
 */
export function timesOf(members: Members, what = "the token"): StatedTimes {
  const { iat, nbf, exp } = check(Times, members, what);
  return { issuedAtMs: iat, notBeforeMs: nbf ?? null, expiresAtMs: exp ?? null };
}
