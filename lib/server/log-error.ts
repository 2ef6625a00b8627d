/** How an error stands in a log line. */
import "server-only";

/** An error as a log line tells it. */
export type LoggedError = {
  type: string;
  message: string;
  stack?: string;
  /** Text of a failed query, with placeholders. */
  query?: string;
  cause?: LoggedError;
  errors?: LoggedError[];
  [fact: string]: unknown;
};

/** What is told beside the message. Anything else may quote a row: PostgreSQL's `detail` and `where` do. */
const FACTS = [
  "code",
  "digest",
  "severity",
  "constraint",
  "table",
  "column",
  "syscall",
  "address",
  "port",
] as const;
const MAX_DEPTH = 5;
const MAX_ERRORS = 5;
const HIDDEN = "[hidden]";

/**
 * The error without the parameters of the query it comes from: those are password hashes, digests of keys and
 * raw evidence. A failed query's own message repeats them, so its text is told instead, with placeholders.
 */
export function loggedError(error: unknown): LoggedError {
  return told(error, [], 0);
}

function told(error: unknown, secrets: readonly string[], depth: number): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: "Thrown, but not an error" };
  const { query, params } = error as { query?: unknown; params?: unknown };
  const failedQuery = typeof query === "string" && Array.isArray(params);
  const hidden = failedQuery ? [...secrets, ...textsOf(params)] : secrets;
  const logged: LoggedError = {
    type: error.constructor.name,
    message: failedQuery ? "Failed query" : without(error.message, hidden),
  };
  const stack = framesOf(error);
  if (stack !== "") logged.stack = stack;
  if (failedQuery) logged.query = query;
  for (const fact of FACTS) {
    const value = (error as unknown as Record<string, unknown>)[fact];
    if (typeof value === "string" || typeof value === "number") logged[fact] = value;
  }
  if (depth < MAX_DEPTH) {
    if (error.cause !== undefined) logged.cause = told(error.cause, hidden, depth + 1);
    if (error instanceof AggregateError) {
      logged.errors = error.errors.slice(0, MAX_ERRORS).map((each) => told(each, hidden, depth + 1));
    }
  }
  return logged;
}

/** Parameters as the database would quote them; a short one would blank half of a message. */
function textsOf(params: readonly unknown[]): string[] {
  return params.flat().filter((value): value is string => typeof value === "string" && value.length >= 4);
}

function without(message: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => text.replaceAll(secret, HIDDEN), message);
}

/** Where it happened. The first lines of a stack repeat the message, which may hold what must not be told. */
function framesOf({ stack = "", message }: Error): string {
  const start = stack.indexOf(message);
  const frames = start === -1 ? stack : stack.slice(start + message.length);
  return frames
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .join("\n");
}
