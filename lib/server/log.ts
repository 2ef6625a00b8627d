/** Structured log lines on stderr. */
import "server-only";
import { type Logger, pino } from "pino";
import { withoutLineEnds } from "#lib/domain/json-line";
import { env } from "./env.ts";
import { loggedError } from "./log-error.ts";
import { shared } from "./shared.ts";

export type Log = Logger;

const SECRETS = [
  "authorization",
  "cookie",
  "set-cookie",
  "password",
  "secret",
  "currentPassword",
  "newPassword",
  "sid",
];

/**
 * The process's logger. Whatever is called like a secret is blanked, two levels deep; an error is told without
 * the parameters of its query.
 */
export function log(): Log {
  return shared("log", () => makeLog(env().logLevel));
}

/** @param stream where lines go; only tests pass their own */
export function makeLog(level: string, stream: { write(line: string): void } = process.stderr): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: loggedError, error: loggedError },
      hooks: {
        logMethod(args, method) {
          method.apply(this, worded(args) as typeof args);
        },
      },
      redact: {
        paths: SECRETS.flatMap((name) => [quoted(name), `*${quoted(name)}`, `*.*${quoted(name)}`]),
        censor: "[hidden]",
      },
    },
    { write: (line) => stream.write(withoutLineEnds(line)) },
  );
}

function quoted(name: string): string {
  return `["${name}"]`;
}

/** An error that comes without words of ours would lend the line its own message. */
function worded([first, message, ...rest]: readonly unknown[]): unknown[] {
  const fields = first instanceof Error ? { err: first } : first;
  const holdsError =
    typeof fields === "object" && fields !== null && Object.values(fields).some((it) => it instanceof Error);
  return holdsError && message === undefined ? [fields, "failed"] : [fields, message, ...rest];
}
