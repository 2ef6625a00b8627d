/** Runs the whole product for the end-to-end tests: empty, in a temporary directory that goes with it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { up } from "#cli/up";

const dataDir = await mkdtemp(join(tmpdir(), "touchstone-e2e-"));
// A database of the developer's must never be tested on.
delete process.env.DATABASE_URL;
try {
  process.exitCode = await up({ dataDir });
} finally {
  await rm(dataDir, { recursive: true, force: true });
}
