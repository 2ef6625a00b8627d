/** The steps by which the key of a source is replaced without a gap. */
import type { Command } from "commander";
import type { SourceKeyView } from "#lib/contracts/source";
import type { ServiceContext } from "#lib/services/context";
import { type KeyFiles, keyFileOptions, readKeyFiles } from "./key-files.ts";
import { CommandError, plain, print, table } from "./output.ts";
import { withSession } from "./session.ts";
import { parseDuration } from "./source.ts";

type SourceOptions = { source: string; json?: boolean };
type StepOptions = SourceOptions & { kid: string };

/** `touchstone key rotate|activate|retire|list`. */
export function addKeySteps(key: Command): void {
  onSource(keyFileOptions(key.command("rotate")))
    .description("prepare new signing keys: they are believed from now on, next to the old ones")
    .action(runRotate);
  onSource(key.command("activate"))
    .description("say that the sender signs with a prepared key now")
    .requiredOption("--kid <kid>", "id of the key")
    .action(runActivate);
  onSource(key.command("retire"))
    .description("end a signing key; another one must be active")
    .requiredOption("--kid <kid>", "id of the key")
    .option(
      "--grace <duration>",
      "how long after now it still counts: 90s, 15m, 4h, 7d at most",
      parseDuration,
    )
    .action(runRetire);
  onSource(key.command("list")).description("show the signing keys of a source").action(runList);
}

function onSource(command: Command): Command {
  return command
    .requiredOption("--source <id>", "id or name of the source that signs with it")
    .option("--json", "print one JSON document");
}

async function runRotate({ source, json, ...files }: SourceOptions & KeyFiles): Promise<void> {
  const [{ prepareKeys }, { SOURCES }, { sealer }] = await Promise.all([
    import("#lib/services/source/prepare-keys"),
    import("#lib/sources/registry"),
    import("#lib/server/secret"),
  ]);
  const body = await readKeyFiles(files);
  const prepared = await onNamed(source, (ctx, sourceId) =>
    prepareKeys(ctx, { ...body, sourceId }, { kinds: SOURCES, sealer: sealer() }),
  );
  print(json, prepared, prepared.items.map(keyLine));
  if (!json) console.error("Next: let the sender sign with it, then: npx touchstone key activate");
}

async function runActivate({ source, kid, json }: StepOptions): Promise<void> {
  const { activateKey } = await import("#lib/services/source/activate-key");
  const key = await onNamed(source, (ctx, sourceId) => activateKey(ctx, { sourceId, kid }));
  print(json, key, [keyLine(key)]);
  if (!json) console.error("Next, when nothing signs with the old key any more: npx touchstone key retire");
}

async function runRetire({
  source,
  kid,
  grace,
  json,
}: StepOptions & { grace?: number | null }): Promise<void> {
  const { retireKey } = await import("#lib/services/source/retire-key");
  if (grace === null) throw new CommandError("a retired key must end: give a grace period such as 15m");
  const graceSeconds = grace === undefined ? {} : { graceSeconds: grace / 1_000 };
  const key = await onNamed(source, (ctx, sourceId) => retireKey(ctx, { sourceId, kid, ...graceSeconds }));
  print(json, key, [keyLine(key)]);
  if (!json) console.error(`What is signed with it after ${key.acceptUntil} is refused.`);
}

async function runList({ source, json }: SourceOptions): Promise<void> {
  const { sourceKeys } = await import("#lib/services/source/keys");
  const keys = await onNamed(source, (ctx, sourceId) => sourceKeys(ctx, { sourceId }));
  const rows = keys.items.map((key) => [
    plain(key.kid),
    key.alg,
    key.state,
    key.validFrom,
    key.acceptUntil ?? "-",
    key.lastUsedAt ?? "never",
  ]);
  const head = ["KEY", "ALGORITHM", "STATE", "VALID FROM", "COUNTS UNTIL", "LAST USED"];
  print(json, keys, rows.length === 0 ? ["No signing keys."] : table([head, ...rows]));
}

async function onNamed<T>(
  reference: string,
  run: (ctx: ServiceContext, sourceId: string) => Promise<T>,
): Promise<T> {
  const { sourceIdOf } = await import("./source-ref.ts");
  return withSession(async ({ ctx }) => run(ctx, await sourceIdOf(ctx, reference)));
}

function keyLine({ kid, alg, state }: SourceKeyView): string {
  return `${plain(kid)} (${alg}, ${state})`;
}
