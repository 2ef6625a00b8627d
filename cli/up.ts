import { once } from "node:events";

import { installationSecret, prepareDataDir } from "#cli/up/data-dir";
import { choosePort, localUrl } from "#cli/up/port";
import { SERVER_ENTRY, type ServerProcess, startServer } from "#cli/up/server-process";
import { type StopRequest, watchForStop } from "#cli/up/stop-request";
import { type EmbeddedPostgres, startEmbedded } from "#db/embedded";
import { APP_ROLE } from "#db/scoped";

/** What the launcher reads from the environment; `env()` of `#lib/server/env` has all of it. */
export type UpEnv = {
  databaseUrl?: string | undefined;
  dataDir: string;
  host: string;
  port: number;
  /** Address that people use; of interest only when `TOUCHSTONE_URL` is set. */
  url: string;
  nextauthSecret?: string | undefined;
  adminEmail: string;
  adminPassword?: string | undefined;
};

/** `oneTimePassword` is null unless one was made now. */
export type FirstAdmin = { email: string; oneTimePassword: string | null };

/** The parts of the product that the launcher drives. Tests pass their own. */
export type UpParts = {
  env: () => UpEnv;
  migrate: (url: string) => Promise<number>;
  /** Create the first administrator unless somebody exists. */
  ensureAdmin: (url: string, wanted: { email: string; password?: string | undefined }) => Promise<FirstAdmin>;
  serverEntry: string;
};

/** What is known while the product runs. `signal` aborts when it is told to stop. */
export type UpContext = { databaseUrl: string; dataDir: string; url: string; signal: AbortSignal };

export type UpOptions = {
  /** Instead of `TOUCHSTONE_DATA_DIR`; the demo keeps its own. */
  dataDir?: string | undefined;
  /** Print the result as one JSON line. */
  json?: boolean | undefined;
  /** Runs after the migrations and before the server starts; the demo loads its fleet here. */
  prepare?: ((context: UpContext) => Promise<void>) | undefined;
  /** Runs once the server answers, before the address is printed. */
  onReady?: ((context: UpContext) => Promise<void>) | undefined;
  parts?: UpParts | undefined;
};

/** Restarts of a lost database before the launcher gives up, within `RESTART_WINDOW_MS`. */
const RESTARTS_MAX = 3;
const RESTART_WINDOW_MS = 10 * 60_000;

async function productParts(): Promise<UpParts> {
  const [{ env }, { migrate }, { openDb }, admins] = await Promise.all([
    import("#lib/server/env"),
    import("#db/migrate"),
    import("#db/client"),
    import("#lib/services/user/ensure-admin"),
  ]);
  const ensureAdmin: UpParts["ensureAdmin"] = async (url, wanted) => {
    const db = openDb(url, 1);
    try {
      return await admins.ensureAdmin(db, { ...wanted, now: new Date() });
    } finally {
      await db.$client.end();
    }
  };
  return { env, migrate, ensureAdmin, serverEntry: SERVER_ENTRY };
}

/** Prints a step to stderr with the time it took. Seconds since the previous line. */
function stepPrinter(): (what: string) => void {
  let last = performance.now();
  return (what) => {
    const now = performance.now();
    console.error(`${((now - last) / 1000).toFixed(1).padStart(6)} s  ${what}`);
    last = now;
  };
}

/**
 * Run the whole product: database, migrations, first administrator, web server.
 *
 * Returns when it was told to stop (SIGINT, SIGTERM, SIGHUP, or the end of the process that
 * started us) or when a part failed for good; everything is stopped by then, in order.
 *
 * @returns the exit code: 0 after a requested stop, 4 when another launcher owns the data
 *   directory, 1 after a failure. The reason is one line on stderr
 */
export async function up(options: UpOptions = {}): Promise<number> {
  const step = stepPrinter();
  const stop = watchForStop((how) => step(`stopping (${how})`));
  const run = new Run(step, stop);
  try {
    return await run.serve(options, options.parts ?? (await productParts()));
  } catch (error) {
    if (stop.signal.aborted) return 0; // the start was cut short on request
    console.error(`touchstone: ${(error as Error).message}`);
    return (error as { exitCode?: number }).exitCode ?? 1;
  } finally {
    run.sayUnsaid(options.json ?? false);
    await run.shutDown();
    stop.dispose();
  }
}

class Run {
  #step: (what: string) => void;
  #stop: StopRequest;
  #database: EmbeddedPostgres | null = null;
  #server: ServerProcess | null = null;
  /** Made in this start and not shown yet. */
  #unsaid: FirstAdmin | null = null;

  constructor(step: (what: string) => void, stop: StopRequest) {
    this.#step = step;
    this.#stop = stop;
  }

  async serve(options: UpOptions, parts: UpParts): Promise<number> {
    const { signal } = this.#stop;
    const env = parts.env();
    const dataDir = await prepareDataDir(options.dataDir ?? env.dataDir);
    const secret = env.nextauthSecret ?? (await installationSecret(dataDir));
    const port = await choosePort(env.port, env.host, Boolean(process.env.PORT) && env.port !== 0);
    const url = process.env.TOUCHSTONE_URL ? env.url : localUrl(env.host, port);

    const databaseUrl = env.databaseUrl ?? (await this.#startDatabase(dataDir)).url;
    const applied = await parts.migrate(databaseUrl);
    this.#step(applied === 0 ? "schema is current" : `${applied} migrations applied`);
    signal.throwIfAborted();
    const admin = await parts.ensureAdmin(databaseUrl, {
      email: env.adminEmail,
      password: env.adminPassword,
    });
    this.#unsaid = admin;
    const context: UpContext = { databaseUrl, dataDir, url, signal };
    await options.prepare?.(context);
    signal.throwIfAborted();

    this.#server = startServer({
      entry: parts.serverEntry,
      env: {
        DATABASE_URL: databaseUrl,
        ...(env.databaseUrl ? {} : { TOUCHSTONE_APP_DATABASE_URL: appAddress(databaseUrl) }),
        HOST: env.host,
        PORT: String(port),
        NEXTAUTH_SECRET: secret,
        TOUCHSTONE_URL: url,
        TOUCHSTONE_DATA_DIR: dataDir,
      },
      health: {
        host: new URL(localUrl(env.host, port)).hostname.replace(/^\[|\]$/g, ""),
        port,
        hostHeader: new URL(url).host,
      },
    });
    await this.#server.ready(signal);
    await options.onReady?.(context);
    this.#step("serving");
    announce(url, admin, options.json ?? false);
    this.#unsaid = null;
    return this.#supervise(this.#server, dataDir);
  }

  async #startDatabase(dataDir: string): Promise<EmbeddedPostgres> {
    const { signal } = this.#stop;
    this.#database = await startEmbedded({ dataDir, signal, log: (line) => this.#step(line) });
    this.#step(this.#database.adopted ? "took over the database that was running" : "database started");
    return this.#database;
  }

  /** Wait for a stop request; restart a database that was killed, within limits. */
  async #supervise(server: ServerProcess, dataDir: string): Promise<number> {
    const stopped = this.#stop.signal.aborted ? Promise.resolve() : once(this.#stop.signal, "abort");
    let restarts: number[] = [];
    for (;;) {
      const database = this.#database;
      const event = await Promise.race([
        stopped.then(() => ({ kind: "stop" as const, why: "" })),
        server.ended.then((why) => ({ kind: "server" as const, why })),
        ...(database ? [database.lost.then((why) => ({ kind: "database" as const, why }))] : []),
      ]);
      if (event.kind === "stop") return 0;
      if (event.kind === "server") throw new Error(`the server stopped by itself (${event.why})`);
      restarts = restarts.filter((at) => at > Date.now() - RESTART_WINDOW_MS);
      if (restarts.push(Date.now()) > RESTARTS_MAX)
        throw new Error(`the database keeps stopping: ${event.why}`);
      this.#step(`${event.why}; starting it again`);
      // The same socket path, so the server's pool finds it without a restart.
      const again = await this.#startDatabase(dataDir);
      if (again.url !== database?.url) throw new Error("the database came back at another address");
    }
  }

  /** A password that exists must be shown, or nobody can ever sign in. */
  sayUnsaid(json: boolean): void {
    if (this.#unsaid?.oneTimePassword) announce(null, this.#unsaid, json);
  }

  /** Server first, so that requests in flight still have their database. */
  async shutDown(): Promise<void> {
    const server = this.#server;
    if (server) {
      this.#stop.onUrged(() => server.kill());
      await server.stop();
      this.#step("server stopped");
    }
    if (this.#database) {
      await this.#database.stop();
      this.#step("database stopped");
    }
  }
}

/** Print the address and a first password, or the password alone when the start failed after making it. */
function announce(url: string | null, admin: FirstAdmin | null, json: boolean): void {
  const password = admin?.oneTimePassword ?? null;
  if (json) {
    const first = password === null ? {} : { adminEmail: admin?.email, oneTimePassword: password };
    console.log(JSON.stringify({ ...(url === null ? {} : { url }), ...first }));
    return;
  }
  if (url !== null) console.log(`Touchstone is ready: ${url}`);
  if (password === null) return;
  console.log(`First administrator: ${admin?.email}`);
  console.log(`One-time password:   ${password}   (shown only now)`);
}

/** The embedded database, whose socket is private, as the role that owns nothing. */
function appAddress(databaseUrl: string): string {
  return databaseUrl.replace(/^postgresql:\/\/[^@/]*@/, `postgresql://${APP_ROLE}@`);
}
