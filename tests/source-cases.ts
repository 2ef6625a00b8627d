/** Reads the sample messages that stand in each source folder's `fixtures/`. */

import { createSecretKey, type JsonWebKey } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { InterpretContext, Message } from "#lib/sources/contract";
import { contextOf, messageOf, publicKeyOf } from "./source-testing.ts";

/** `<name>.case.json`: everything about a sample but its bytes. */
type CaseFile = {
  now: string;
  /** `secret` is a shared secret as text; it vouches for samples and nothing else. */
  keys?: ({ kid: string; alg: string } & ({ jwk: JsonWebKey } | { secret: string }))[];
  headers?: Record<string, string>;
  subject?: string;
  backfill?: boolean;
  mediaType?: string;
  acceptPastMs?: number;
};

export type SourceCase = { message: Message; context: InterpretContext; expected: unknown };

const folderOf = (kind: string) => new URL(`../lib/sources/${kind}/fixtures/`, import.meta.url);

/** Names of a source's samples. */
export function sourceCaseNames(kind: string): string[] {
  return readdirSync(folderOf(kind))
    .filter((file) => file.endsWith(".body"))
    .map((file) => file.slice(0, -".body".length))
    .sort();
}

/** One sample; `expected` is `undefined` when nothing is written down for it yet. */
export function readSourceCase(kind: string, name: string): SourceCase {
  const folder = folderOf(kind);
  const options: CaseFile = JSON.parse(readFileSync(new URL(`${name}.case.json`, folder), "utf8"));
  const keys = (options.keys ?? []).map(({ kid, alg, ...one }) => {
    const key = "jwk" in one ? publicKeyOf(one.jwk) : createSecretKey(Buffer.from(one.secret));
    return { kid, alg, key };
  });
  return {
    message: messageOf(readFileSync(new URL(`${name}.body`, folder)), {
      subject: options.subject ?? null,
      headers: new Map(Object.entries(options.headers ?? {})),
      ...(options.mediaType === undefined ? {} : { mediaType: options.mediaType }),
    }),
    context: contextOf({
      keys,
      nowMs: Date.parse(options.now),
      backfill: options.backfill ?? false,
      ...(options.acceptPastMs === undefined ? {} : { settings: { acceptPastMs: options.acceptPastMs } }),
    }),
    get expected() {
      return JSON.parse(readFileSync(new URL(`${name}.expected.json`, folder), "utf8"));
    },
  };
}
