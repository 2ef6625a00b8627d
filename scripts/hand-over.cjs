"use strict";
// Runs a TypeScript entry of ours under the right Node and behaves like it: same output, signals, exit code.
// Plain CommonJS without dependencies, because the host's Node may be as old as 20.9.
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const root = path.join(__dirname, "..");

/** The Node that came with `npm ci`, else the one that runs this, if that is new enough. */
function findNode() {
  const packaged = path.join(root, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
  if (fs.existsSync(packaged)) return packaged;
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  console.error(`touchstone: needs Node 24, this is ${process.version}; run npm ci, or install Node 24`);
  process.exit(1);
}

/** Flags that every process of ours runs with. */
const flags = ["--conditions=react-server", "--disable-warning=DEP0169"];

/** Parent and grandparent: npm runs a script through a shell, and either may be killed alone. */
function ancestors() {
  const parent = process.ppid;
  let grandparent = "";
  try {
    const stat = fs.readFileSync(`/proc/${parent}/stat`, "utf8");
    grandparent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
  } catch {} // no /proc: the parent alone has to do
  return `${parent} ${grandparent}`;
}

/**
 * Run `entry` (relative to the repository) with `args`, and exit as it does.
 *
 * The IPC channel tells the child when we are gone. When npm started us, its death counts as
 * ours: npm killed by SIGKILL would otherwise leave the whole product running unseen.
 */
function handOver(entry, args) {
  const child = spawn(findNode(), [...flags, path.join(root, entry), ...args], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  if (process.env.npm_execpath || process.env.npm_lifecycle_event) {
    const before = ancestors();
    setInterval(() => {
      if (ancestors() !== before) child.kill("SIGTERM");
    }, 500).unref();
  }
  child.once("error", (error) => {
    console.error(`touchstone: ${error.message}`);
    process.exit(1);
  });
  child.once("exit", (code, signal) => {
    process.exit(code === null ? 128 + require("node:os").constants.signals[signal] : code);
  });
}

module.exports = { findNode, flags, handOver, root };
