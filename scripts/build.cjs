"use strict";
// Builds the web application when its sources changed. Plain CommonJS: runs on any Node that npm runs on.
const { spawnSync } = require("node:child_process");
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const { findNode, root } = require("./hand-over.cjs");

/** Everything that `next build` reads. A folder counts with all files in it. */
const INPUTS = [
  ...["app", "components", "db", "lib", "public"],
  ...[
    "instrumentation.ts",
    "next.config.js",
    "package-lock.json",
    "package.json",
    "postcss.config.mjs",
    "proxy.ts",
  ],
  "tsconfig.json",
];

/** Not part of the application. */
const IGNORED = /\.test\.tsx?$|\.md$|\.tsbuildinfo$/;

function* filesOf(file) {
  const found = fs.statSync(file, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isDirectory()) {
    if (!IGNORED.test(file)) yield file;
    return;
  }
  for (const name of fs.readdirSync(file).sort()) yield* filesOf(path.join(file, name));
}

/** Digest over the names and contents of all build inputs. Hex. */
function inputHash(dir = root) {
  const hash = crypto.createHash("sha256");
  for (const input of INPUTS) {
    for (const file of filesOf(path.join(dir, input))) {
      const digest = crypto.createHash("sha256").update(fs.readFileSync(file)).digest("hex");
      hash.update(`${path.relative(dir, file)}\0${digest}\n`);
    }
  }
  return hash.digest("hex");
}

const stampOf = (dir) => path.join(dir, ".next", "touchstone-build");

/** Whether `.next` is a complete build of the sources as they are. */
function isCurrent(dir = root) {
  const stamp = stampOf(dir);
  return fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8").trim() === inputHash(dir);
}

/**
 * Build unless current. The stamp is removed first and written last, so a build that failed or was
 * killed is never taken for a good one.
 *
 * @param {(args: string[]) => number} [run] runs the build and returns its exit status; for tests
 * @returns {{ status: number, built: boolean }}
 */
function build(dir = root, run = runNext) {
  if (isCurrent(dir)) return { status: 0, built: false };
  fs.rmSync(stampOf(dir), { force: true });
  const hash = inputHash(dir); // before the build: a change during it makes the result stale
  const status = run(dir);
  if (status === 0) fs.writeFileSync(stampOf(dir), `${hash}\n`);
  return { status, built: true };
}

function runNext(dir) {
  const next = path.join(dir, "node_modules", "next", "dist", "bin", "next");
  const env = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" };
  const result = spawnSync(findNode(), [next, "build"], { cwd: dir, stdio: ["ignore", 2, 2], env });
  return result.status === null ? 1 : result.status;
}

module.exports = { build, inputHash, isCurrent };

if (require.main === module) process.exit(build().status);
