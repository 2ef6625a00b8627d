/**
 * Completes package-lock.json for platforms other than the one it was made on.
 *
 * `npm install` leaves out an optional package that its registry does not have, and `npm ci` then
 * fails everywhere: "Missing: … from lock file". The added entries carry the exact version and the
 * platform, but no integrity: a registry that lacks the package cannot say what it should be.
 *
 * Usage: node scripts/repair-lock.ts [--check] [package-lock.json]
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type LockEntry = {
  version?: string;
  dev?: boolean;
  devOptional?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
};

export type Lock = { packages: Record<string, LockEntry> };

const OS: Record<string, string> = { windows: "win32" };
for (const os of [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
]) {
  OS[os] = os;
}
const CPU: Record<string, string> = { armv7: "arm", ppc64le: "ppc64" };
for (const cpu of [
  "arm",
  "arm64",
  "ia32",
  "loong64",
  "mips64el",
  "ppc64",
  "riscv64",
  "s390x",
  "wasm32",
  "x64",
]) {
  CPU[cpu] = cpu;
}

/**
 * The platform that a package's name says it is for, e.g. `@x/y-linux-arm64-musl`.
 *
 * @throws when the name says nothing: an entry without a platform would be installed everywhere
 */
export function platformOf(name: string): Pick<LockEntry, "os" | "cpu" | "libc"> {
  const words = name.split(/[/-]/);
  const os = words.map((word) => OS[word]).find(Boolean);
  const cpu = words.map((word) => CPU[word]).find(Boolean);
  if (!cpu)
    throw new Error(`cannot tell the platform of ${name} from its name; add it to the lockfile by hand`);
  const libc =
    os !== "linux"
      ? null
      : words.some((word) => word.startsWith("musl"))
        ? "musl"
        : words.some((word) => word.startsWith("gnu"))
          ? "glibc"
          : null;
  return { cpu: [cpu], ...(libc ? { libc: [libc] } : {}), ...(os ? { os: [os] } : {}) };
}

/** Whether Node, started from the package at `from`, would find `name` somewhere up the tree. */
function resolves(lock: Lock, from: string, name: string): boolean {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    if (lock.packages[`${at ? `${at}/` : ""}node_modules/${name}`]) return true;
    if (at === "") return false;
  }
}

/**
 * Entries that `npm ci` will miss, by lockfile key.
 *
 * @throws when a missing package is not pinned exactly or names no platform
 */
export function missingEntries(lock: Lock): Map<string, LockEntry> {
  const missing = new Map<string, LockEntry>();
  for (const [from, parent] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      if (parent.peerDependencies?.[name] || resolves(lock, from, name)) continue;
      if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
        throw new Error(`${from || "the root"} asks for ${name}@${version}, which is not an exact version`);
      }
      const known = missing.get(`node_modules/${name}`);
      if (known && known.version !== version)
        throw new Error(`${name} is asked for in two versions; add it by hand`);
      const { cpu, libc, os } = platformOf(name);
      // In npm's own order of keys, so that its next run changes nothing.
      missing.set(`node_modules/${name}`, {
        version,
        ...(cpu ? { cpu } : {}),
        ...(parent.dev && (!known || known.dev) ? { dev: true } : {}),
        ...(parent.devOptional ? { devOptional: true } : {}),
        ...(libc ? { libc } : {}),
        optional: true,
        ...(os ? { os } : {}),
      });
    }
  }
  return missing;
}

/** The lockfile with the missing entries, sorted as npm sorts. */
export function repairLock(lock: Lock): Lock {
  const all = [...Object.entries(lock.packages), ...missingEntries(lock)];
  all.sort(([a], [b]) => a.localeCompare(b, "en"));
  return { ...lock, packages: Object.fromEntries(all) };
}

if (import.meta.main) {
  const check = process.argv.includes("--check");
  const named = process.argv.slice(2).find((argument) => !argument.startsWith("--"));
  const file = named ?? join(import.meta.dirname, "..", "package-lock.json");
  const lock = JSON.parse(readFileSync(file, "utf8")) as Lock;
  const missing = [...missingEntries(lock).keys()];
  if (missing.length === 0) {
    console.log("package-lock.json is complete for all platforms");
  } else if (check) {
    console.error(`package-lock.json lacks ${missing.length} packages of other platforms (${missing[0]}, …)`);
    console.error("run: node scripts/repair-lock.ts");
    process.exitCode = 1;
  } else {
    writeFileSync(file, `${JSON.stringify(repairLock(lock), null, 2)}\n`);
    console.log(`package-lock.json: added ${missing.length} packages of other platforms`);
  }
}
