/**
 * Keylime's reference files as contents: the measured-boot reference state and the runtime policy. Pure.
 *
 * Paths are the ones that a content names: `boot/…` and `secure-boot/…` for events of the boot,
 * `ima/<file>` for files. What has no counterpart is told, never dropped in silence.
 */
import type { BaselineContent } from "./baseline.ts";
import { CONTENT_LIMITS, type ContentProblem, pointerPart } from "./baseline-content.ts";

/** A content as a document for `readContent`, and what of the file could not be carried over. */
export type KeylimeContent =
  | {
      ok: true;
      kind: "refstate" | "runtime-policy";
      document: Record<string, unknown>;
      left: readonly string[];
    }
  | { ok: false; problems: readonly ContentProblem[] };

type Members = Readonly<Record<string, unknown>>;

/** Keys of the two kinds of files that say which one it is. */
const REFSTATE_KEYS = ["scrtm_and_bios", "kernels", "pk", "kek", "db", "dbx", "mokdig", "mokxdig"];
const POLICY_KEYS = ["digests", "excludes", "release", "keyrings"];

/** Read either file. */
export function readKeylime(document: unknown): KeylimeContent {
  if (!isMembers(document)) return refuse("", "This is neither a reference state nor a runtime policy.");
  if (REFSTATE_KEYS.some((key) => Object.hasOwn(document, key))) return readRefstate(document);
  if (POLICY_KEYS.some((key) => Object.hasOwn(document, key))) return readPolicy(document);
  return refuse("", "This is neither a reference state nor a runtime policy: it has none of their members.");
}

function readRefstate(document: Members): KeylimeContent {
  const values = new Map<string, Set<string>>();
  const left: string[] = [];
  const problems: ContentProblem[] = [];
  const add = (path: string, value: unknown, pointer: string) => {
    if (typeof value !== "string") problems.push(problem(pointer, "This is a text."));
    else values.set(path, (values.get(path) ?? new Set()).add(plain(value)));
  };
  for (const [index, machine] of listOf(document, "scrtm_and_bios", problems).entries()) {
    const pointer = `/scrtm_and_bios/${index}`;
    for (const [alg, digest] of pairs(machine.scrtm))
      add(`firmware/scrtm/${alg}`, digest, `${pointer}/scrtm`);
    for (const blob of Array.isArray(machine.platform_firmware) ? machine.platform_firmware : []) {
      for (const [alg, digest] of pairs(blob)) {
        add(`firmware/platform/${alg}`, digest, `${pointer}/platform_firmware`);
      }
    }
  }
  for (const name of ["pk", "kek", "db", "dbx"] as const) {
    for (const [index, entry] of listOf(document, name, problems).entries()) {
      const owner = typeof entry.SignatureOwner === "string" ? entry.SignatureOwner : "any";
      add(`secure-boot/${name}/${owner}`, entry.SignatureData, `/${name}/${index}/SignatureData`);
    }
  }
  for (const name of ["mokdig", "mokxdig"] as const) {
    for (const [index, entry] of listOf(document, name, problems).entries()) {
      for (const [alg, digest] of pairs(entry))
        add(`secure-boot/${name}/${alg}`, digest, `/${name}/${index}`);
    }
  }
  for (const [index, kernel] of listOf(document, "kernels", problems).entries()) {
    for (const [name, value] of Object.entries(kernel)) {
      const path = KERNEL_PATHS.get(name);
      if (path === undefined) left.push(`kernels/${index}/${name} has no counterpart`);
      else if (path === "kernel/cmdline")
        left.push("kernels/kernel_cmdline is a pattern, and values are texts");
      else add(path, value, `/kernels/${index}/${name}`);
    }
  }
  if (typeof document.has_secureboot === "boolean") {
    values.set("secure-boot/enabled", new Set([String(document.has_secureboot)]));
  }
  const known = new Set([...REFSTATE_KEYS, "has_secureboot"]);
  for (const name of Object.keys(document)) if (!known.has(name)) left.push(`${name} has no counterpart`);
  if (problems.length > 0) return { ok: false, problems: problems.slice(0, 20) };
  return accepted("refstate", { entries: withinLimit(values, left) }, left);
}

const KERNEL_PATHS: ReadonlyMap<string, string> = new Map([
  ["shim_authcode_sha256", "boot/shim/authcode-sha256"],
  ["grub_authcode_sha256", "boot/grub/authcode-sha256"],
  ["kernel_authcode_sha256", "kernel/authcode-sha256"],
  ["vmlinuz_plain_sha256", "kernel/plain-sha256"],
  ["initrd_plain_sha256", "boot/initrd/plain-sha256"],
  ["kernel_cmdline", "kernel/cmdline"],
]);

function readPolicy(document: Members): KeylimeContent {
  const problems: ContentProblem[] = [];
  const left: string[] = [];
  const values = new Map<string, Set<string>>();
  const digests = document.digests ?? {};
  if (!isMembers(digests)) return refuse("/digests", "Digests are an object from file to digests.");
  for (const [file, list] of Object.entries(digests)) {
    if (!Array.isArray(list) || !list.every((digest) => typeof digest === "string")) {
      problems.push(problem(`/digests/${pointerPart(file)}`, "This is a list of digests."));
      continue;
    }
    // A file without a digest may have any content.
    if (list.length > 0) values.set(filePath(file), new Set(list.map(plain)));
    else left.push(`digests of ${file} are empty`);
  }
  const excludes = document.excludes ?? [];
  if (!Array.isArray(excludes) || !excludes.every((pattern) => typeof pattern === "string")) {
    problems.push(problem("/excludes", "This is a list of patterns."));
  }
  if (problems.length > 0) return { ok: false, problems: problems.slice(0, 20) };
  for (const name of ["keyrings", "ima-buf"]) {
    if (isMembers(document[name]) && Object.keys(document[name]).length > 0) {
      left.push(`${name} are checked by the verifier and are no files`);
    }
  }
  if (document["verification-keys"]) left.push("verification-keys are checked by the verifier");
  const ignore = (excludes as readonly string[]).map(excludePattern);
  const isComplete = values.size > 0;
  return accepted(
    "runtime-policy",
    { scope: isComplete ? ["ima/"] : [], entries: withinLimit(values, left), ignore },
    left,
  );
}

/** Keylime matches a pattern from the beginning of the path on; ours match whole paths. */
function excludePattern(pattern: string): string {
  const body = pattern.replace(/^\^/, "").replace(/(?<!\\)\$$/, "");
  const isAnchored = /(?<!\\)\$$/.test(pattern);
  return `ima/(?:${body})${isAnchored ? "" : ".*"}`;
}

const filePath = (file: string) => `ima/${file}`;
/** Hex digests are written with and without a prefix; verifiers report them plain. */
const plain = (value: string) => (/^0x[0-9a-f]+$/i.test(value) ? value.slice(2).toLowerCase() : value);

function withinLimit(
  values: ReadonlyMap<string, ReadonlySet<string>>,
  left: string[],
): Record<string, string[]> {
  const entries: [string, string[]][] = [];
  for (const [path, set] of values) {
    // A list of forbidden hashes has hundreds of values under one owner; it is no list of accepted ones.
    if (set.size > CONTENT_LIMITS.valuesPerEntry) {
      left.push(`${path} has ${set.size} values, more than the ${CONTENT_LIMITS.valuesPerEntry} of an entry`);
    } else entries.push([path, [...set]]);
  }
  return Object.fromEntries(entries);
}

function accepted(
  kind: "refstate" | "runtime-policy",
  document: Partial<Record<keyof BaselineContent, unknown>>,
  left: readonly string[],
): KeylimeContent {
  return { ok: true, kind, document, left: [...new Set(left)] };
}

function listOf(document: Members, name: string, problems: ContentProblem[]): readonly Members[] {
  const value = document[name] ?? [];
  if (Array.isArray(value) && value.every(isMembers)) return value;
  problems.push(problem(`/${name}`, "This is a list of objects."));
  return [];
}

const pairs = (value: unknown): [string, unknown][] => (isMembers(value) ? Object.entries(value) : []);
const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const problem = (pointer: string, detail: string): ContentProblem => ({ fault: "bad-list", pointer, detail });

function refuse(pointer: string, detail: string): KeylimeContent {
  return { ok: false, problems: [{ fault: "not-an-object", pointer, detail }] };
}
