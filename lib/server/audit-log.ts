/** What this process needs to keep the audit log: the keys' seal and the directory of its file. */
import "server-only";
import type { Sealer } from "#db/sealing";
import { env } from "./env.ts";
import { sealer } from "./secret.ts";

export function logKeeper(): { sealer: Sealer; dataDir: string } {
  return { sealer: sealer(), dataDir: env().dataDir };
}
