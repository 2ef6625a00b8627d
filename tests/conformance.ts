/**
 * `npm run conformance -- --fixtures DIR [--update]`
 *
 * Runs every case of `DIR/expectations.json` through the sources, for example
 * `--fixtures ../shared/fixtures`. Exit status 1 when a case fails or none could run.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runMerkleVectors } from "./conformance-merkle.ts";
import { runOcsfSchemas } from "./conformance-ocsf.ts";
import { runOscalSchema } from "./conformance-oscal.ts";
import { runConformance } from "./conformance-run.ts";

const { values } = parseArgs({
  options: { fixtures: { type: "string" }, update: { type: "boolean", default: false } },
});

if (values.fixtures === undefined) {
  console.error("usage: npm run conformance -- --fixtures DIR [--update]");
  process.exit(2);
}

const goldens = fileURLToPath(new URL("./conformance-goldens", import.meta.url));
const { lines, passed, failed, skipped } = await runConformance({
  fixtures: values.fixtures,
  goldens,
  update: values.update,
});
for (const line of lines) console.log(line);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
const merkle = await runMerkleVectors(values.fixtures);
for (const line of merkle?.lines ?? []) console.log(line);
if (merkle) console.log(`Merkle vectors: ${merkle.passed} passed, ${merkle.failed} failed`);
const ocsf = runOcsfSchemas(values.fixtures);
for (const line of ocsf?.lines ?? []) console.log(line);
if (ocsf) console.log(`OCSF events: ${ocsf.passed} passed, ${ocsf.failed} failed`);
const oscal = runOscalSchema(values.fixtures);
for (const line of oscal?.lines ?? []) console.log(line);
if (oscal) console.log(`OSCAL documents and ids: ${oscal.passed} passed, ${oscal.failed} failed`);
const failures = failed + (merkle?.failed ?? 0) + (ocsf?.failed ?? 0) + (oscal?.failed ?? 0);
process.exitCode = failures > 0 || passed === 0 ? 1 : 0;
