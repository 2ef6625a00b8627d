import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

const ROOT = join(import.meta.dirname, "../../..");

/** What a throw-away tree holds. */
export type SandboxFiles = {
  /** Files and folders of the project, copied as they are. */
  copy?: readonly string[];
  /** Files written by the test, over the copies. */
  files?: Readonly<Record<string, string>>;
};

/** Run `fn` in a throw-away tree that shares the project's packages. */
export async function inSandbox<T>(
  parts: readonly SandboxFiles[],
  fn: (root: string) => T | Promise<T>,
): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), "touchstone-planted-"));
  try {
    symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
    for (const { copy = [] } of parts) {
      for (const path of copy) {
        cpSync(join(ROOT, path), join(root, path), {
          recursive: true,
          filter: (source) => basename(source) !== "node_modules" && basename(source) !== ".next",
        });
      }
    }
    for (const { files = {} } of parts) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), text);
      }
    }
    return await fn(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
