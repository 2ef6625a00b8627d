"use strict";
// Entry of `npm start`, `npm run demo` and `npm test`: install, build, then hand over. Each step only when
// something changed. Plain CommonJS, because the host's Node may be as old as 20.9 and nothing may be installed yet.
const { install, needsInstall } = require("./install.cjs");

const [command, ...args] = process.argv.slice(2);
const ENTRIES = { up: "cli/touchstone.ts", demo: "cli/touchstone.ts", test: "scripts/test.ts" };

if (!Object.hasOwn(ENTRIES, command)) {
  console.error("usage: node scripts/start.cjs up|demo|test [arguments]");
  process.exit(2);
}

/** Run one step and report how long it took on stderr. Ends the process when it fails. */
function step(name, run) {
  const startMs = Date.now();
  console.error(`         ${name} …`);
  const status = run();
  const took = `${((Date.now() - startMs) / 1000).toFixed(1).padStart(6)} s`;
  if (status !== 0) {
    console.error(`${took}  ${name} failed`);
    if (command === "test") console.log("0 passed, 1 failed");
    process.exit(status);
  }
  console.error(`${took}  ${name} done`);
}

if (needsInstall({ dev: command === "test" })) step("installing packages (npm ci)", install);

require("./link-node.cjs"); // where install scripts are switched off, nobody has run it yet

const { build, isCurrent } = require("./build.cjs");
const { handOver } = require("./hand-over.cjs");

// The tests build by themselves, after the checks that need no build.
if (command !== "test" && !isCurrent()) step("building the application (next build)", () => build().status);

handOver(ENTRIES[command], command === "test" ? args : [command, ...args]);
