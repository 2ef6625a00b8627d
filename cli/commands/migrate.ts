import type { Command } from "commander";
import { print } from "./output.ts";
import { withDatabase } from "./session.ts";

/** `touchstone migrate`: bring the database to the newest schema. */
export function addMigrate(program: Command): void {
  program
    .command("migrate")
    .description("bring the database to the newest schema")
    .option("--json", "print one JSON document")
    .action(async ({ json }: { json?: boolean }) => {
      const { migrate } = await import("#db/migrate");
      const applied = await withDatabase((databaseUrl) => migrate(databaseUrl));
      print(json, { applied }, [
        applied === 0 ? "The schema is current." : `Migrations applied: ${applied}.`,
      ]);
    });
}
