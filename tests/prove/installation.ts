/** The whole product from its build, in an empty directory and processes of its own. Needs a build. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
/** Whom `e2e/api.ts` signs in as. */
const ADMIN = { email: "admin@example.test", password: "correct-horse-battery-staple" };

/** The last that the launcher tells. */
const READY = "Touchstone is ready";

export type Installation = {
  baseURL: string;
  /** Lines that were printed once it was ready. */
  log: () => string[];
  stop: () => Promise<void>;
};

/** @param tree where its code and its build are; a scratch copy may lack parts */
export async function startInstallation(tree = ROOT): Promise<Installation> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, "close");
  const baseURL = `http://127.0.0.1:${port}`;
  process.env.TOUCHSTONE_ADMIN_EMAIL = ADMIN.email;
  process.env.TOUCHSTONE_ADMIN_PASSWORD = ADMIN.password;
  const settings = { PORT: String(port), HOST: "127.0.0.1", TOUCHSTONE_URL: baseURL, LOG_LEVEL: "debug" };
  const args = ["--conditions=react-server", "--disable-warning=DEP0169", "scripts/e2e-server.ts"];
  const child = spawn(process.execPath, args, {
    cwd: tree,
    env: { ...process.env, NODE_ENV: "production", ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      printed += chunk.toString("utf8");
    });
  const gone = once(child, "exit");
  const early = gone.then(() => {
    throw new Error(`the installation did not start:\n${printed}`);
  });
  early.catch(() => {});
  await Promise.race([early, isReady(baseURL)]);
  return {
    baseURL,
    // What the launcher tells people while it starts is not the log.
    log: () => printed.slice(printed.lastIndexOf(READY)).split("\n").slice(1),
    stop: async () => {
      child.kill("SIGTERM");
      await gone;
    },
  };
}

/** Asked until it says so. */
async function isReady(baseURL: string): Promise<void> {
  const limit = Date.now() + 120_000;
  while (Date.now() < limit) {
    const answer = await fetch(`${baseURL}/api/health/ready`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("the installation is not ready after two minutes");
}
