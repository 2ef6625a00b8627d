import { readFile } from "node:fs/promises";
import { type Command, InvalidArgumentError } from "commander";
import type { CreateSourceBody } from "#lib/contracts/source";
import { CommandError, plain, print, table } from "./output.ts";
import { withSession } from "./session.ts";

type AddOptions = {
  kind: string;
  name: string;
  jwks?: string;
  domain?: string;
  nodeIdPointer?: string;
  staleAfter?: number | null;
  json?: boolean;
};

/** `touchstone source add|list`: who may send. */
export function addSource(program: Command): void {
  const source = program.command("source").description("configured senders");
  source
    .command("add")
    .description("configure a sender")
    .requiredOption("--kind <kind>", "ear, keylime, spire, generic")
    .requiredOption("--name <name>", "name to show")
    .option("--jwks <file>", "JWK set (or one JWK) with the public keys that vouch for its messages")
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
  jwks,
  domain,
  nodeIdPointer,
  staleAfter,
  json,
}: AddOptions): Promise<void> {
  const [{ createSource }, { SOURCES }] = await Promise.all([
    import("#lib/services/source/create"),
    import("#lib/sources/registry"),
  ]);
  const body: CreateSourceBody = {
    kind,
    name,
    ...(jwks !== undefined && { jwks: await readJwks(jwks) }),
    ...(nodeIdPointer !== undefined && { nodeIdPointer }),
    ...(staleAfter !== undefined && { staleAfterMs: staleAfter }),
  };
  const created = await withSession(({ ctx }) => createSource(ctx, body, SOURCES), domain);
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

async function readJwks(file: string): Promise<NonNullable<CreateSourceBody["jwks"]>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new CommandError(`cannot read keys from ${file}: ${(error as Error).message}`);
  }
  const keys = typeof parsed === "object" && parsed !== null && "keys" in parsed ? parsed.keys : [parsed];
  if (!Array.isArray(keys)) throw new CommandError(`${file} holds no JWK set`);
  return { keys };
}

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `15m`, `4h`, `2d` in milliseconds; `null` for `never`. */
export function parseDuration(text: string): number | null {
  if (text === "never") return null;
  const match = /^([1-9][0-9]{0,6})([smhd])$/.exec(text);
  if (!match) throw new InvalidArgumentError("Use a number with a unit, such as 15m, or never.");
  return Number(match[1]) * (UNIT_MS[match[2] ?? ""] ?? 0);
}
