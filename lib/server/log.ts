/** Structured log lines on stderr. */
import "server-only";
import { type Logger, pino } from "pino";
import { env } from "./env.ts";
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

/** The process's logger. Whatever is called like a secret is blanked, two levels deep. */
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
      redact: {
        paths: SECRETS.flatMap((name) => [quoted(name), `*${quoted(name)}`, `*.*${quoted(name)}`]),
        censor: "[hidden]",
      },
    },
    stream,
  );
}

function quoted(name: string): string {
  return `["${name}"]`;
}
