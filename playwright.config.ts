import { execFileSync } from "node:child_process";
import { defineConfig } from "@playwright/test";

/** A value that the main process finds out once and its workers, which load this file too, read. */
function shared(name: string, program: string, args: string[]): string {
  process.env[name] ??= execFileSync(program, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  }).trim();
  return process.env[name];
}

const port = shared("TOUCHSTONE_E2E_PORT", process.execPath, [
  "-e",
  "const s = require('node:net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close(); })",
]);
const executablePath = shared("CHROMIUM_PATH", process.execPath, ["scripts/find-browser.ts"]);

/** The administrator that the server makes on its first start; specs sign in as this one. */
process.env.TOUCHSTONE_ADMIN_EMAIL ??= "admin@example.test";
process.env.TOUCHSTONE_ADMIN_PASSWORD ??= "correct-horse-battery-staple";

const baseURL = `http://127.0.0.1:${port}`;

export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  outputDir: "test-results",
  forbidOnly: true,
  fullyParallel: false,
  workers: 1,
  // A story that needs its second try is counted and said; see scripts/test-counts.ts.
  retries: 1,
  // Some stories open many pages; a busy machine takes its time for each.
  timeout: 180_000,
  expect: { timeout: 15_000 },
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ? [["list"], ["json"]] : [["list"]],
  use: {
    baseURL,
    trace: "retain-on-failure",
    launchOptions: {
      executablePath,
      args: [
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  webServer: {
    command: `"${process.execPath}" --conditions=react-server --disable-warning=DEP0169 scripts/e2e-server.ts`,
    url: `${baseURL}/api/health/ready`,
    timeout: 120_000,
    reuseExistingServer: false,
    stdout: "pipe",
    stderr: "pipe",
    // The default is SIGKILL, which would leave the database running.
    gracefulShutdown: { signal: "SIGTERM", timeout: 15_000 },
    env: {
      PORT: port,
      HOST: "127.0.0.1",
      TOUCHSTONE_URL: baseURL,
      LOG_LEVEL: "warn",
      TOUCHSTONE_OUTBOUND_ALLOW: "127.0.0.1",
    },
  },
});
