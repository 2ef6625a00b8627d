/** Writes docs/openapi.json from the route handlers. Run: node --conditions=react-server scripts/openapi.ts */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { apiDescription } from "./routes.ts";

const file = join(import.meta.dirname, "..", "docs", "openapi.json");
await writeFile(file, await apiDescription());
console.log(`wrote ${file}`);
