import { spawn } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";

import { isAlive, processesIn, readPidFile } from "#db/embedded/processes";
import { eventually, ROOT, start, tempDir } from "#tests/launcher/processes";

const FIXTURES = join(ROOT, "tests/launcher/fixtures");
const HAND_OVER = join(FIXTURES, "hand-over.cjs");
const ECHO = "tests/launcher/fixtures/echo.ts";

/** As from a plain shell: npm did not start it. */
const plain = { npm_execpath: "", npm_lifecycle_event: "" };

describe("handOver", () => {
  it("runs the entry under Node 24 with our flags, and exits as it does", async () => {
    const run = start(HAND_OVER, { env: plain, args: [ECHO, "42"] });
    expect(await run.result).toMatchObject({
      version: expect.stringMatching(/^v(2[4-9]|[3-9]\d)\./),
      flags: ["--conditions=react-server", "--disable-warning=DEP0169"],
    });
    expect(await run.exit).toBe(42);
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("passes %s on and exits with %i", async (signal, code) => {
    const run = start(HAND_OVER, { env: plain, args: [ECHO, "wait"] });
    await run.result;
    run.child.kill(signal);
    expect(await run.exit).toBe(code);
  });

  it("takes the product with it when it is killed", async () => {
    const dir = await tempDir();
    const run = start(HAND_OVER, {
      env: { ...plain, PORT: "0", DATA_DIR: dir },
      args: ["tests/launcher/fixtures/up.ts"],
    });
    await run.result;
    run.child.kill("SIGKILL");
    await eventually(
      "the database stops",
      async () => (await processesIn(join(dir, "postgres/data"))).length === 0,
    );
    expect(await readPidFile(join(dir, "postgres/data"))).toBeNull();
  });

  it("stops when npm or npm's shell was killed", async () => {
    const shell = spawn("/bin/sh", ["-c", `"$@"; true`, "sh", process.execPath, HAND_OVER, ECHO, "wait"], {
      cwd: ROOT,
      env: { ...process.env, npm_lifecycle_event: "start" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void shell.kill("SIGKILL"));
    const { pid } = await new Promise<{ pid: number }>((resolve) => {
      shell.stdout.once("data", (chunk) => resolve(JSON.parse(String(chunk))));
    });
    onTestFinished(async () => {
      if (await isAlive(pid)) process.kill(pid, "SIGKILL");
    });
    shell.kill("SIGKILL");
    await eventually("the entry ends", async () => !(await isAlive(pid)), 10_000);
  });
});
