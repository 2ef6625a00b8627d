import { type Command, InvalidArgumentError } from "commander";
import type { CreateSourceBody } from "#lib/contracts/source";
import { type KeyFiles, keyFileOptions, readKeyFiles } from "./key-files.ts";
import { plain, print, table } from "./output.ts";
import { withSession } from "./session.ts";

type AddOptions = KeyFiles & {
  kind: string;
  name: string;
  domain?: string;
  nodeIdPointer?: string;
  staleAfter?: number | null;
  json?: boolean;
};

/** `touchstone source add|list`: who may send. */
export function addSource(program: Command): void {
  const source = program.command("source").description("configured senders");
  keyFileOptions(source.command("add"))
    .description("configure a sender")
    .requiredOption("--kind <kind>", "ear, keylime, spire, step-ca, tailscale, standard-webhooks, generic …")
    .requiredOption("--name <name>", "name to show")
    .option("--domain <id>", "trust domain that it belongs to; the root when absent")
    .option("--node-id-pointer <pointer>", "JSON pointer to the node's id in the token's claims")
    .option(
      "--stale-after <duration>",
      "silence after which its evidence is stale: 90s, 15m, 4h, 2d or never",
      parseDuration,
    )
    .option("--json", "print one JSON document")
    .action(runAdd);
  source
    .command("list")
    .description("show all sources")
    .option("--json", "print one JSON document")
    .action(runList);
}

async function runAdd({
  kind,
  name,
  domain,
  nodeIdPointer,
  staleAfter,
  json,
  ...files
}: AddOptions): Promise<void> {
  const [{ createSource }, { SOURCES }, { sealer }] = await Promise.all([
    import("#lib/services/source/create"),
    import("#lib/sources/registry"),
    import("#lib/server/secret"),
  ]);
  const body: CreateSourceBody = {
    kind,
    name,
    ...(await readKeyFiles(files)),
    ...(nodeIdPointer !== undefined && { nodeIdPointer }),
    ...(staleAfter !== undefined && { staleAfterMs: staleAfter }),
  };
  const created = await withSession(({ ctx }) => createSource(ctx, body, SOURCES, sealer()), domain);
  const keys = created.keys.map(({ kid, alg }) => `  key ${plain(kid)} (${alg})`);
  print(json, created, [created.id, ...keys]);
}

async function runList({ json }: { json?: boolean }): Promise<void> {
  const { listSources } = await import("./source-ref.ts");
  const items = await withSession(({ ctx }) => listSources(ctx));
  const rows = items.map(({ id, kind, name, nodes, lastReceivedAt, disabledAt, silent, last24h }) => [
    id,
    kind,
    plain(name),
    disabledAt ? "disabled" : silent ? "silent" : lastReceivedAt ? "sending" : "never sent",
    String(nodes),
    `${last24h.accepted}/${last24h.duplicate}/${last24h.rejected}`,
  ]);
  const head = ["ID", "KIND", "NAME", "STATE", "NODES", "24 H ACCEPTED/DUPLICATE/REJECTED"];
  print(json, { items }, items.length === 0 ? ["No sources yet."] : table([head, ...rows]));
}

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `15m`, `4h`, `2d` in milliseconds; `null` for `never`. */
export function parseDuration(text: string): number | null {
  if (text === "never") return null;
  const match = /^([1-9][0-9]{0,6})([smhd])$/.exec(text);
  if (!match) throw new InvalidArgumentError("Use a number with a unit, such as 15m, or never.");
  return Number(match[1]) * (UNIT_MS[match[2] ?? ""] ?? 0);
}
