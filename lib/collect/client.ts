/** GETs to the endpoints of one target, a few at a time. */
import { JsonError, parseJson } from "#lib/sources/shared/json";
import { type Answer, type Client, FetchError, type GetOptions } from "./contract.ts";
import type { Endpoint } from "./endpoint.ts";
import { type Connection, connect, exchange } from "./exchange.ts";

/** Requests that one target has to serve at the same time. */
const MAX_PARALLEL = 5;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const MAX_ANSWER_STRINGS = 2_000_000;
const TIMEOUT_MS = 15_000;

/** Runs tasks, at most `limit` of them at a time, in the order in which they were handed in. */
export type Limiter = <T>(task: () => Promise<T>) => Promise<T>;

export function limiter(limit: number): Limiter {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (running >= limit) await new Promise<void>((resume) => waiting.push(resume));
    else running += 1;
    try {
      return await task();
    } finally {
      // The slot goes straight to the next in line, so that nobody can slip in between.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}

/** Opens endpoints for one poll; `close` ends their connections. */
export function clientPool(signal: AbortSignal): {
  open: (endpoint: Endpoint) => Promise<Client>;
  close: () => void;
} {
  const limit = limiter(MAX_PARALLEL);
  const opened: Connection[] = [];
  return {
    async open(endpoint) {
      const connection = await connect(endpoint);
      opened.push(connection);
      const get = (path: string, options: GetOptions = {}): Promise<Answer> => {
        const { maxBytes = MAX_ANSWER_BYTES, timeoutMs = TIMEOUT_MS } = options;
        return limit(() => exchange(connection, path, { maxBytes, timeoutMs, signal }));
      };
      return { get };
    },
    close() {
      for (const { agent } of opened) agent.destroy();
    },
  };
}

/**
 * The JSON document of an answer with status 200. Integers that are too large to be exact become texts.
 *
 * @throws {FetchError} for any other status, and for what is no acceptable JSON; neither is quoted
 */
export function jsonOf({ status, body }: Answer, path: string): unknown {
  if (status !== 200) {
    const isTransient = status >= 500 || status === 429 || status === 408;
    throw new FetchError(`GET ${path} was answered with ${status}`, { isTransient });
  }
  try {
    return parseJson(body, { integers: "text", maxStrings: MAX_ANSWER_STRINGS });
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new FetchError(`GET ${path} was answered with unacceptable JSON: ${error.message}`, {
      isTransient: false,
    });
  }
}
