import type { Command } from "commander";
import { CommandError, print } from "./output.ts";
import { untilStopped } from "./until-stopped.ts";

type Options = { sharePort?: boolean; json?: boolean };

/** `touchstone ingest-listener`: take events in and answer admissions, and nothing else, on a database that others serve too. */
export function addIngestListener(program: Command): void {
  program
    .command("ingest-listener")
    .description("take events in and answer admissions without the console; health and metrics besides")
    .option("--share-port", "let several of these processes listen on one port")
    .option("--json", "print the address as one JSON document")
    .action(async ({ sharePort = false, json }: Options) => {
      const [
        { env },
        { startIngestListener },
        { allowedHosts },
        { ingest },
        { admission },
        runtime,
        { log },
      ] = await Promise.all([
        import("#lib/server/env"),
        import("#lib/server/ingest-listener"),
        import("#lib/server/http/origin"),
        import("#lib/server/ingest"),
        import("#lib/server/admission/admission"),
        import("#lib/server/runtime"),
        import("#lib/server/log"),
      ]);
      const config = env();
      if (!config.databaseUrl)
        throw new CommandError("set DATABASE_URL: a listener works on the database of an installation");
      const { host, port } = config;
      const hostsOf = (bound: number) => allowedHosts(config, bound);
      const listener = await startIngestListener({
        ...{ host, port, sharePort, hostsOf },
        handler: ingest(),
        admission: admission(),
      });
      const address = `http://${host.includes(":") ? `[${host}]` : host}:${listener.port}`;
      print(json, { url: address, pid: process.pid }, [`Taking events in at ${address}.`]);
      log().info({ port: listener.port }, "listening for events");
      await untilStopped();
      await listener.stop();
      for (const close of runtime.closers()) close();
      await runtime.database().$client.end();
    });
}
