/** What this process needs to keep the audit log: the keys' seal and the directory of its file. */
import "server-only";
import type { Sealer } from "#db/sealing";
import { checkpointFile } from "#lib/transparency/checkpoint-file";
import { verifyDatabase } from "#lib/transparency/read-database";
import { contradiction } from "#lib/transparency/take-in";
import type { Verification } from "#lib/transparency/verify";
import { env } from "./env.ts";
import { database } from "./runtime.ts";
import { sealer } from "./secret.ts";

export function logKeeper(): { sealer: Sealer; dataDir: string } {
  return { sealer: sealer(), dataDir: env().dataDir };
}

/** How the log in the database contradicts the file of this machine; `null` = it does not. */
export function logProblem(trustDomainId: string): Promise<string | null> {
  return contradiction(database(), fileOf(trustDomainId), trustDomainId);
}

/** Check every entry of a log, with the file of this machine as a witness. */
export function verifyLogNow(trustDomainId: string): Promise<Verification> {
  return verifyDatabase(database(), trustDomainId, { file: fileOf(trustDomainId) });
}

const fileOf = (trustDomainId: string) => checkpointFile(env().dataDir, trustDomainId);
