/** The trust domain that a person chose to look at. */
import "server-only";
import { z } from "zod";
import { trustDomainSubtree } from "#db/queries/trust-domain";
import { type Actor, within } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";
import { database } from "./runtime.ts";

/** Query parameter of pages and of the API: a domain, with everything below it. */
export const SCOPE_PARAM = "scope";

/**
 * The caller with the chosen domains only. It can but narrow: what the caller does not see stays unseen.
 *
 * @param chosen values of the parameter; none = everything that the caller sees
 * @throws {ProblemError} `domain/not-found` for a domain that the caller does not see, for none, and for two
 */
export async function inChosenScope(actor: Actor, chosen: readonly string[]): Promise<Actor> {
  const [id] = chosen;
  if (id === undefined) return actor;
  if (chosen.length > 1 || !z.uuid().safeParse(id).success || !actor.trustDomainIds.includes(id))
    throw new ProblemError("domain/not-found", "There is no such trust domain, or you do not see it.");
  return within(actor, await trustDomainSubtree(database(), [id]));
}
