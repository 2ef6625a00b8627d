import { createHash } from "node:crypto";
import { chmod, chown, lchown, lstat, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { canRun, copyNative, type RunAs } from "#db/embedded/binaries";
import { EmbeddedError } from "#db/embedded/errors";

/** How the database runs apart from us, and where. `home` holds the cluster, its socket and its log. */
export type Isolation = {
  kind: "plain" | "other-user" | "user-namespace" | "relocated";
  runAs: RunAs;
  native: string;
  home: string;
};

/** Where the cluster goes when no unprivileged user can reach the data directory. */
const RELOCATION_ROOT = "/var/lib/touchstone";

/** Holds the path of a relocated `home`. */
const POINTER = "postgres-location";

/** The folder of an existing or future cluster of this data directory. */
export async function locateHome(dataDir: string): Promise<string> {
  const moved = (await readFile(join(dataDir, POINTER), "utf8").catch(() => "")).trim();
  return moved || join(dataDir, "postgres");
}

type User = { name: string; uid: number; gid: number };

/** Users that exist; initdb refuses a uid without a name. */
async function passwd(): Promise<User[]> {
  const text = await readFile("/etc/passwd", "utf8").catch(() => "");
  return text.split("\n").flatMap((line) => {
    const [name, , uid, gid] = line.split(":");
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}

const userNamespace = (user: User): RunAs => ({
  prefix: ["unshare", "--user", `--map-user=${user.uid}`, `--map-group=${user.gid}`],
});

/**
 * Decide as whom PostgreSQL runs; it refuses to be root.
 *
 * Not root: as ourselves. Root: as `postgres` or `nobody` when that user can reach the binaries
 * and the data; else inside a user namespace, where root's files stay root's and only the
 * process sees another uid; else with both moved below `relocationRoot`. Each way is tried with
 * a real process, because mode bits alone do not tell (access lists, mounts, seccomp).
 *
 * On return `home` exists, closed to everyone else, and the cluster in it (if any) belongs to the
 * user the database runs as.
 *
 * @param only restrict the choice; tests reach the rarer ways with it
 * @throws EmbeddedError when no way works
 */
export async function chooseIsolation(options: {
  dataDir: string;
  native: string;
  relocationRoot?: string | undefined;
  only?: readonly Isolation["kind"][] | undefined;
}): Promise<Isolation> {
  const { dataDir, native, only, relocationRoot = RELOCATION_ROOT } = options;
  const allowed = (kind: Isolation["kind"]) => !only || only.includes(kind);
  const home = await locateHome(dataDir);
  const probe = [join(native, "bin", "postgres"), "--version"];
  const users = await passwd();
  const unprivileged = ["postgres", "nobody"].flatMap((name) => users.filter((user) => user.name === name));
  const fallback = unprivileged[0] ?? users.find((user) => user.uid > 0);

  if (process.geteuid?.() !== 0) {
    if (allowed("plain") && users.some((user) => user.uid === process.geteuid?.())) {
      await ownHome(home);
      return { kind: "plain", runAs: {}, native, home };
    }
    // A uid without a name (some container platforms assign one): borrow a name in a namespace.
    if (fallback && canRun(probe, userNamespace(fallback))) {
      await ownHome(home);
      return { kind: "user-namespace", runAs: userNamespace(fallback), native, home };
    }
    throw new EmbeddedError(
      `PostgreSQL needs a user name for uid ${process.geteuid?.()}; add one or set DATABASE_URL`,
    );
  }
  if (!fallback)
    throw new EmbeddedError("PostgreSQL does not run as root and no other user exists; set DATABASE_URL");

  const runAs: RunAs = { uid: fallback.uid, gid: fallback.gid };
  if (home !== join(dataDir, "postgres")) return relocated(options, home, runAs, relocationRoot);

  if (allowed("other-user") && canRun(probe, runAs)) {
    await ownHome(home, runAs);
    if (await openWay(dataDir, home, runAs)) return { kind: "other-user", runAs, native, home };
  }
  if (allowed("user-namespace") && canRun(probe, userNamespace(fallback))) {
    await ownHome(home);
    return { kind: "user-namespace", runAs: userNamespace(fallback), native, home };
  }
  if (allowed("relocated")) {
    const id = createHash("sha256").update(dataDir).digest("hex").slice(0, 16);
    return relocated(options, join(relocationRoot, id), runAs, relocationRoot);
  }
  throw new EmbeddedError(
    `PostgreSQL cannot run as an unprivileged user from ${dataDir}; move the checkout out of root's home, run as another user, or set DATABASE_URL`,
  );
}

async function relocated(
  { dataDir, native }: { dataDir: string; native: string },
  home: string,
  runAs: RunAs,
  root: string,
): Promise<Isolation> {
  let reachable = native;
  if (!canRun([join(native, "bin", "postgres"), "--version"], runAs)) {
    const { version } = JSON.parse(await readFile(join(native, "..", "package.json"), "utf8")) as {
      version: string;
    };
    reachable = join(root, `native-${version}`);
    await copyNative(native, reachable);
  }
  await mkdir(root, { recursive: true, mode: 0o755 });
  await ownHome(home, runAs);
  if (!canRun(["/bin/sh", "-c", 'cd "$1"', "sh", home], runAs)) {
    throw new EmbeddedError(
      `PostgreSQL cannot reach ${home} as uid ${runAs.uid}; run as another user or set DATABASE_URL`,
    );
  }
  await writeFile(join(dataDir, POINTER), `${home}\n`, { mode: 0o600 });
  return { kind: "relocated", runAs, native: reachable, home };
}

/**
 * Let the database user pass through our closed data directory, and through nothing else of it.
 *
 * @returns false when a directory above is closed too; then the data directory is left as it was
 */
async function openWay(dataDir: string, home: string, runAs: RunAs): Promise<boolean> {
  const reaches = () => canRun(["/bin/sh", "-c", 'cd "$1"', "sh", home], runAs);
  if (reaches()) return true;
  const before = await stat(dataDir);
  if (before.uid !== 0 || runAs.gid === undefined) return false;
  await chown(dataDir, 0, runAs.gid);
  await chmod(dataDir, 0o710);
  if (reaches()) return true;
  await chown(dataDir, before.uid, before.gid);
  await chmod(dataDir, before.mode & 0o7777);
  return false;
}

/**
 * Make `home` private and hand the cluster in it to the database user.
 *
 * `home` itself stays ours, passable but not writable for that user: we open the log and rename
 * folders in it as root, and a link planted there would turn that against us. Called only while
 * no server runs on it.
 */
async function ownHome(home: string, { uid, gid }: RunAs = {}): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  if (uid !== undefined && gid !== undefined) await chown(home, 0, gid);
  await chmod(home, uid ? 0o710 : 0o700);
  const owner = uid ?? process.geteuid?.() ?? 0;
  for (const part of ["data", "run"]) {
    const found = await lstat(join(home, part)).catch(() => null);
    if (found && found.uid !== owner)
      await chownTree(join(home, part), owner, gid ?? process.getegid?.() ?? 0);
  }
}

async function chownTree(path: string, uid: number, gid: number): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) await chownTree(child, uid, gid);
    else await lchown(child, uid, gid); // never through a link: the tree was another user's
  }
  await lchown(path, uid, gid); // last: an interrupted walk starts again
}
