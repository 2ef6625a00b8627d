/** A copy of the tree that may be broken. */
import { cp, mkdtemp, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const LEFT_OUT = ["node_modules", ".git", ".touchstone", "test-results", "bench"];

/** @returns its path; the caller removes it. The packages are those of the tree. */
export async function copyOfTree({ build = false } = {}): Promise<string> {
  const tree = await mkdtemp(join(tmpdir(), "touchstone-scratch-"));
  const leftOut = new Set(build ? [...LEFT_OUT, ".next/cache"] : [...LEFT_OUT, ".next"]);
  await cp(ROOT, tree, { recursive: true, filter: (source) => !leftOut.has(relative(ROOT, source)) });
  await symlink(join(ROOT, "node_modules"), join(tree, "node_modules"));
  return tree;
}
