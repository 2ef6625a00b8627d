import { randomBytes } from "node:crypto";
import { chmod, link, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

/** Names of ours; a directory that holds others and none of these is not a data directory. */
const OURS = ["postgres", "postgres-location", "nextauth-secret", "secret-key"];

/** May be in a fresh volume. */
const HARMLESS = ["lost+found"];

/** Shortest secret that is accepted from the file. Characters. */
const SECRET_MIN = 32;

/**
 * Create the data directory, or close an existing one to other users.
 *
 * An existing directory keeps a group that may only pass through (0710): the database user of a
 * start as root comes in that way.
 *
 * @returns its absolute path
 * @throws when the path holds something else, so that a mistyped path is not taken over
 */
export async function prepareDataDir(path: string): Promise<string> {
  const dir = resolve(path);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const entries = await readdir(dir);
  const strangers = entries.filter(
    (entry) => !HARMLESS.includes(entry) && !/^(nextauth-secret|secret-key)/.test(entry),
  );
  if (strangers.length > 0 && !entries.some((entry) => OURS.includes(entry))) {
    throw new Error(
      `${dir} holds other files (${strangers[0]}); set TOUCHSTONE_DATA_DIR to an empty or new directory`,
    );
  }
  const mode = (await stat(dir)).mode & 0o777;
  if ((mode & ~0o710) !== 0 || (mode & 0o700) !== 0o700) {
    await chmod(dir, 0o700).catch((error: NodeJS.ErrnoException) => {
      // A volume may belong to another user; what we put into it is closed by itself.
      if (error.code !== "EPERM") throw error;
    });
  }
  return dir;
}

/**
 * The session secret of this installation, made on the first run and kept with mode 0600.
 *
 * @throws when the file exists but is too short to be a secret
 */
export async function installationSecret(dataDir: string): Promise<string> {
  const path = join(dataDir, "nextauth-secret");
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  try {
    // link and not rename: of two first starts one wins, and both read the winner's secret.
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const secret = (await readFile(path, "utf8")).trim();
  if (secret.length < SECRET_MIN)
    throw new Error(`${path} is damaged; delete it to sign everyone out and make a new one`);
  if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600);
  return secret;
}
