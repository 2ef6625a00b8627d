/** An installation of its own, for what only happens in an empty one. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { Account } from "./api.ts";

export type Installation = {
  baseURL: string;
  /** What the first start printed. */
  admin: Account;
  /** All that it logged so far. */
  logged: () => string;
  stop: () => Promise<void>;
};

/**
 * Start the whole product in an empty directory, without telling it who the administrator is.
 *
 * @param settings more of its environment, for the address that it will have
 */
export async function startInstallation(
  settings: (baseURL: string) => Promise<Record<string, string>> = async () => ({}),
): Promise<Installation> {
  const port = await freePort();
  const baseURL = `http://127.0.0.1:${port}`;
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    NODE_ENV: "production",
    PORT: String(port),
    HOST: "127.0.0.1",
    TOUCHSTONE_URL: baseURL,
    LOG_LEVEL: "warn",
    ...(await settings(baseURL)),
  };
  delete env.TOUCHSTONE_ADMIN_EMAIL;
  delete env.TOUCHSTONE_ADMIN_PASSWORD;
  const args = ["--conditions=react-server", "--disable-warning=DEP0169", "scripts/e2e-server.ts"];
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const gone = once(child, "exit");
  let logged = "";
  child.stderr.on("data", (chunk: Buffer) => {
    logged += chunk.toString("utf8");
    process.stderr.write(chunk);
  });
  let printed = "";
  const admin = await new Promise<Account>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.toString("utf8");
      const email = /First administrator: (\S+)/.exec(printed)?.[1];
      const password = /One-time password:\s+(\S+)\s/.exec(printed)?.[1];
      if (email && password) resolve({ email, password });
    });
    child.once("exit", () => reject(new Error(`the installation did not start:\n${printed}`)));
  });
  return {
    baseURL,
    admin,
    logged: () => logged,
    stop: async () => {
      child.kill("SIGTERM");
      await gone;
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, "close");
  return port;
}
