/** The installation's own secrets: from the configuration, else from files of the data directory. */
import "server-only";
import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSealer, MASTER_KEY_BYTES, type MasterKey, type Sealer } from "#db/sealing";
import { env } from "./env.ts";
import { shared } from "./shared.ts";

/** What session cookies are encrypted with; the first start puts one into the data directory. */
export function authSecret(): string {
  return shared("auth-secret", () => {
    const { nextauthSecret, dataDir } = env();
    return nextauthSecret ?? madeSecret(dataDir, "nextauth-secret", randomBytes(32).toString("base64url"));
  });
}

/** Seals and opens what senders share with us. Its master key is looked for when the first secret needs it. */
export function sealer(): Sealer {
  return shared("sealer", () => fileSealer(() => env()));
}

/**
 * A sealer whose master key is the configured one, else the file `secret-key` of the data directory.
 *
 * The file is made to seal, never to open: a key that was lost must not be replaced in silence.
 */
export function fileSealer(settings: () => { secretKey: Uint8Array | undefined; dataDir: string }): Sealer {
  let known: readonly MasterKey[] = [];
  return createSealer({
    read() {
      if (known.length > 0) return known;
      const { secretKey, dataDir } = settings();
      const bytes = secretKey ?? masterKeyIn(dataDir);
      known = bytes ? [{ version: 1, bytes }] : [];
      return known;
    },
    make() {
      const { dataDir } = settings();
      const text = madeSecret(dataDir, SECRET_KEY_FILE, randomBytes(MASTER_KEY_BYTES).toString("base64"));
      const made = { version: 1, bytes: masterKeyOf(text, dataDir) };
      known = [made];
      return made;
    },
  });
}

const SECRET_KEY_FILE = "secret-key";

function masterKeyIn(dataDir: string): Uint8Array | null {
  try {
    return masterKeyOf(readFileSync(join(dataDir, SECRET_KEY_FILE), "utf8").trim(), dataDir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** @throws when the file holds something else: a shorter key would still seal, only weaker */
function masterKeyOf(text: string, dataDir: string): Uint8Array {
  const bytes = Buffer.from(text, "base64");
  if (bytes.byteLength === MASTER_KEY_BYTES) return bytes;
  throw new Error(`${join(dataDir, SECRET_KEY_FILE)} is damaged; put it back from a backup`);
}

/** The content of a file that is written once, by whoever comes first, and read by all. */
function madeSecret(dataDir: string, name: string, fresh: string): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, name);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${fresh}\n`, { mode: 0o600 });
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
