import { type Command, InvalidArgumentError } from "commander";
import { print } from "./output.ts";
import { withSession } from "./session.ts";

type Options = { verdictDays?: number; rawDays?: number; json?: boolean };

/** `touchstone retention`: how long verdicts are kept. */
export function addRetention(program: Command): void {
  program
    .command("retention")
    .description("show or change how long verdicts are kept")
    .option("--verdict-days <days>", "rows of the verdict log, 7 or more", days)
    .option("--raw-days <days>", "received bytes of verdicts that repeat the one before", days)
    .option("--json", "print one JSON document")
    .action(async ({ verdictDays, rawDays, json }: Options) => {
      const isChange = verdictDays !== undefined || rawDays !== undefined;
      const setting = await withSession(async ({ ctx, db }) => {
        if (isChange) {
          const { setRetention } = await import("#lib/services/retention/set");
          return setRetention(ctx, { verdictDays, rawDays });
        }
        const { retentionRead } = await import("#db/queries/retention");
        const current = await retentionRead(db.$client);
        return { verdictDays: current.verdictDays, rawDays: current.rawDays };
      });
      print(json, setting, [
        `Verdicts are kept for ${setting.verdictDays} days, the bytes of repeats for ${setting.rawDays}.`,
      ]);
    });
}

function days(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError("It is a number of days.");
  return Number(text);
}
