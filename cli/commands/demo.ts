import { type Command, InvalidArgumentError } from "commander";
import type { UpContext } from "#cli/up";
import { CommandError } from "./output.ts";

type Options = {
  nodes: number;
  days: number;
  seed: number;
  live: boolean;
  dataDir: string;
  json?: boolean;
};

/** `touchstone demo`: the product with a simulated fleet in a data directory of its own. */
export function addDemo(program: Command): void {
  program
    .command("demo")
    .description("run the product with a simulated fleet; its data stays in a directory of its own")
    .option("--nodes <n>", "size of the fleet", wholeNumber, 500)
    .option("--days <n>", "length of the history", wholeNumber, 14)
    .option("--seed <n>", "the same seed gives the same fleet", wholeNumber, 1)
    .option("--data-dir <dir>", "where everything is kept", "./.touchstone-demo")
    .option("--no-live", "load the history only")
    .option("--json", "print the address (and a first password) as one JSON document")
    .action(run);
}

async function run(options: Options): Promise<void> {
  // The demo must never fill a database that somebody works with.
  if (process.env.DATABASE_URL) {
    console.error("touchstone: the demo keeps a database of its own; DATABASE_URL is not used");
    delete process.env.DATABASE_URL;
  }
  const { MIN_NODES, MAX_NODES } = await import("#lib/demo/fleet");
  if (options.nodes < MIN_NODES || options.nodes > MAX_NODES) {
    throw new CommandError(`--nodes must be ${MIN_NODES} to ${MAX_NODES}.`);
  }
  if (options.days < 2 || options.days > 365) throw new CommandError("--days must be 2 to 365.");
  const { up } = await import("#cli/up");
  let live: Promise<void> = Promise.resolve();
  process.exitCode = await up({
    dataDir: options.dataDir,
    json: options.json,
    onReady: async (context: UpContext) => {
      const { loadDemo, startLive } = await import("./demo-run.ts");
      const demo = await loadDemo(context, options);
      if (options.live) live = startLive(context, demo);
    },
  });
  await live;
}

function wholeNumber(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError("Use a whole number.");
  return Number(text);
}
