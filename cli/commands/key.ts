import { type Command, InvalidArgumentError, Option } from "commander";
import type { ApiKeyScope } from "#lib/domain/access";
import { addKeySteps } from "./key-steps.ts";
import { print } from "./output.ts";
import { withSession } from "./session.ts";

const SCOPES: Record<"ingest" | "backfill", ApiKeyScope[]> = {
  ingest: ["ingest:write"],
  backfill: ["ingest:write", "ingest:backfill"],
};

type CreateOptions = { scope: keyof typeof SCOPES; source: string; expiresInDays: number; json?: boolean };

/** `touchstone key`: what a source sends with, and what it signs with. */
export function addKey(program: Command): void {
  const key = program.command("key").description("API keys and signing keys of senders");
  addKeySteps(key);
  key
    .command("create")
    .description("create an API key; it is shown once")
    .addOption(
      new Option("--scope <scope>", "ingest, or backfill to import history too")
        .choices(Object.keys(SCOPES))
        .makeOptionMandatory(),
    )
    .requiredOption("--source <id>", "id or name of the source that sends with it")
    .option("--expires-in-days <days>", "1 to 365", parseDays, 90)
    .option("--json", "print one JSON document")
    .action(async ({ scope, source, expiresInDays, json }: CreateOptions) => {
      const [{ createApiKey }, { sourceIdOf }] = await Promise.all([
        import("#lib/services/source/create-api-key"),
        import("./source-ref.ts"),
      ]);
      const created = await withSession(async ({ ctx }) => {
        const sourceId = await sourceIdOf(ctx, source);
        return createApiKey(ctx, { sourceId, scopes: SCOPES[scope], expiresInDays });
      });
      const { secret, key } = created;
      print(json, created, [secret]);
      if (!json) console.error(`Shown only now. Scopes: ${key.scopes.join(", ")}. Expires ${key.expiresAt}.`);
    });
}

function parseDays(text: string): number {
  const days = Number(text);
  if (!Number.isInteger(days) || days < 1 || days > 365)
    throw new InvalidArgumentError("Use a whole number from 1 to 365.");
  return days;
}
