"use strict";
// Installs the locked packages when the ones in node_modules are not those. Plain CommonJS: runs before any install.
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const root = path.join(__dirname, "..");

const readJson = (file) => {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    return null;
  }
};

/**
 * Whether `node_modules` lacks something of the lockfile.
 *
 * Its own record (`.package-lock.json`) newer than the lockfile settles it. Otherwise the contents
 * decide: a checkout or a copy touches times without changing a package.
 *
 * @param {{ dev: boolean, dir?: string }} options dev: whether the development packages are needed too
 */
function needsInstall({ dev, dir = root }) {
  const lockFile = path.join(dir, "package-lock.json");
  const recordFile = path.join(dir, "node_modules", ".package-lock.json");
  const record = readJson(recordFile);
  if (!record) return true;
  const lock = readJson(lockFile);
  if (!lock) return false; // packed without a lockfile: nothing to compare with
  const newer = fs.statSync(recordFile).mtimeMs >= fs.statSync(lockFile).mtimeMs;
  return Object.entries(lock.packages).some(([name, wanted]) => {
    if (name === "" || wanted.link) return false;
    const found = record.packages[name];
    if (!found) return !wanted.optional && !wanted.devOptional && (dev || !wanted.dev);
    return !newer && found.version !== wanted.version;
  });
}

/** Run `npm ci` with its output on stderr. Returns its exit status. */
function install() {
  // npm's own node and cli when npm started us: the node of node_modules is about to be deleted.
  const { npm_execpath: cli, npm_node_execpath: node } = process.env;
  const viaNpm = cli && node && path.basename(cli) === "npm-cli.js" && fs.existsSync(node);
  const [file, args] = viaNpm ? [node, [cli]] : ["npm", []];
  // Without the development packages nothing can be built; NODE_ENV=production would leave them out.
  const result = spawnSync(file, [...args, "ci", "--include=dev"], { cwd: root, stdio: ["ignore", 2, 2] });
  if (result.error) console.error(`touchstone: cannot run npm (${result.error.message})`);
  return result.status === null ? 1 : result.status;
}

module.exports = { install, needsInstall };
