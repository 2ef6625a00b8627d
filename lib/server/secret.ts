/** The secret that session cookies are encrypted with. */
import "server-only";
import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { env } from "./env.ts";
import { shared } from "./shared.ts";

/** From the configuration, else from the data directory, where the first start puts one. */
export function authSecret(): string {
  return shared("auth-secret", () => env().nextauthSecret ?? storedSecret(env().dataDir));
}

function storedSecret(dataDir: string): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, "nextauth-secret");
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600 });
  try {
    // link fails when the file exists: of two first starts one wins, and both read the winner's.
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(path, "utf8").trim();
}
