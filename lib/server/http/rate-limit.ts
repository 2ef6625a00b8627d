/** How many requests one caller may make in a minute (draft-ietf-httpapi-ratelimit-headers). */
import "server-only";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Actor } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";
import { shared } from "../shared.ts";

const WINDOW_SECONDS = 60;
/** Requests of one signed-in person or key: twenty a second, which no page comes near. */
const BY_PRINCIPAL = 1_200;
/** Changes of one person or key among them. */
const CHANGES_BY_PRINCIPAL = 300;
/** Requests from one address of callers who are not known: guesses at cookies and keys. */
const BY_SOURCE = 300;

/** What is left of the caller's window, for the headers of the answer. */
export type Allowance = { limit: number; remaining: number; resetSeconds: number };

const limiter = (name: string, points: number) =>
  shared(`rate-${name}`, () => new RateLimiterMemory({ points, duration: WINDOW_SECONDS, keyPrefix: name }));

/**
 * Count a request of somebody who is known.
 *
 * @throws {RateLimited}
 */
export async function countPrincipal(actor: Actor, mutates: boolean): Promise<Allowance> {
  const id = `${actor.kind}:${actor.id}`;
  if (mutates) await count(limiter("changes", CHANGES_BY_PRINCIPAL), id);
  return count(limiter("principal", BY_PRINCIPAL), id);
}

/**
 * Count a request of nobody knows whom. Without a vouched address there is nothing to count by.
 *
 * @throws {RateLimited}
 */
export async function countStranger(address: string | null): Promise<Allowance | null> {
  return address === null ? null : count(limiter("source", BY_SOURCE), address);
}

/** Too many; knows when the next one counts. */
export class RateLimited extends ProblemError {
  readonly allowance: Allowance;

  constructor(allowance: Allowance) {
    super("rate/limited", `Too many requests. Try again in ${allowance.resetSeconds} seconds.`);
    this.allowance = allowance;
  }
}

async function count(by: RateLimiterMemory, key: string): Promise<Allowance> {
  const allowanceOf = (result: RateLimiterRes): Allowance => ({
    limit: by.points,
    remaining: result.remainingPoints,
    resetSeconds: Math.max(1, Math.ceil(result.msBeforeNext / 1_000)),
  });
  try {
    return allowanceOf(await by.consume(key));
  } catch (refused) {
    if (refused instanceof RateLimiterRes) throw new RateLimited(allowanceOf(refused));
    throw refused;
  }
}

/** `RateLimit-Policy` and `RateLimit`, as structured fields. */
export function rateLimitHeaders({ limit, remaining, resetSeconds }: Allowance): Record<string, string> {
  return {
    "ratelimit-policy": `"default";q=${limit};w=${WINDOW_SECONDS}`,
    ratelimit: `"default";r=${remaining};t=${resetSeconds}`,
  };
}
