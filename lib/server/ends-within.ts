import { setTimeout as sleep } from "node:timers/promises";

/** Longest time that jobs may take to end once they are told to, before the process goes without them. Milliseconds. */
export const JOBS_END_MS = 15_000;

/**
 * Whether some work ends in time. A job that waits for a lock which nobody gives back never does; what it wrote is rolled
 * back when its connection closes.
 */
export async function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const ended = new AbortController();
  const late = sleep(ms, false, { signal: ended.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    ended.abort();
  }
}
