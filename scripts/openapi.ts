/**
 * Writes docs/openapi.json from the route handlers; with `--check` only says whether it is current.
 *
 * Run: node --conditions=react-server scripts/openapi.ts [--check]
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { apiDescription } from "./routes.ts";

const file = join(import.meta.dirname, "..", "docs", "openapi.json");
const current = await apiDescription();
if (!process.argv.includes("--check")) {
  await writeFile(file, current);
  console.log(`wrote ${file}`);
} else if ((await readFile(file, "utf8").catch(() => "")) !== current) {
  console.error("docs/openapi.json lags behind the routes: run scripts/openapi.ts");
  process.exitCode = 1;
}
