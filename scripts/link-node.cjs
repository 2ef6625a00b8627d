"use strict";
// npm 10 drops the `node` bin link of the platform package when both architectures are listed.
// Recreate it, so that every `npm run` and `npx` uses the pinned Node, whatever the host has.
const fs = require("node:fs");
const path = require("node:path");

const root = path.join(__dirname, "..");
const binDir = path.join(root, "node_modules", ".bin");
const packaged = path.join(root, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");

// `npm install --package-lock-only` runs this too, with nothing to link and nothing to complain about.
if (!fs.existsSync(path.join(root, "node_modules"))) process.exit(0);

if (fs.existsSync(packaged)) {
  const link = path.join(binDir, "node");
  if (!fs.existsSync(link)) {
    fs.mkdirSync(binDir, { recursive: true });
    fs.rmSync(link, { force: true });
    fs.symlinkSync(path.relative(binDir, packaged), link);
  }
} else if (Number(process.versions.node.split(".")[0]) < 24) {
  console.error(
    `Touchstone needs Node 24 on ${process.platform}-${process.arch}; this is ${process.version}. Install Node 24 and try again.`,
  );
  process.exit(1);
}
