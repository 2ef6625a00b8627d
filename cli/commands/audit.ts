import { type Command, InvalidArgumentError } from "commander";
import type { Verification } from "#lib/transparency/verify";
import { CommandError, plain, print } from "./output.ts";
import { withDatabase, withSession } from "./session.ts";

type VerifyOptions = { vkey?: string[]; dir?: string; json?: boolean };
type RotateOptions = { domain?: string; overlapDays: number; json?: boolean };

/** `touchstone audit`: check the record of what was done, and the keys that sign it. */
export function addAudit(program: Command): void {
  const audit = program.command("audit").description("check, export and sign the record of what was done");
  audit
    .command("verify")
    .description("check every audit entry; exits 1 and names the first wrong one")
    .option("--dir <path>", "check an exported log instead of a database")
    .option("--vkey <key...>", "keys that you know the log by; without them, those that it names itself")
    .option("--json", "print one JSON document")
    .action((options: VerifyOptions) => (options.dir === undefined ? verify(options) : verifyDir(options)));
  audit
    .command("export")
    .description("write the log of each trust domain as static files that any C2SP client reads")
    .argument("<dir>", "a directory that is made; one folder per trust domain")
    .option("--json", "print one JSON document")
    .action(exportTo);
  audit
    .command("rotate-key")
    .description("let a new key sign the log; the old one goes on signing for a while")
    .option("--domain <id>", "trust domain, when there are several")
    .option("--overlap-days <days>", "how long both sign", days, 30)
    .option("--json", "print one JSON document")
    .action(rotate);
}

async function verify({ vkey, json }: VerifyOptions): Promise<void> {
  const { results, sentence } = await withDatabase(async (databaseUrl) => {
    const [{ openDb }, { trustDomainIds }, { env }, reader, file, told] = await Promise.all([
      import("#db/client"),
      import("#db/queries/trust-domain"),
      import("#lib/server/env"),
      import("#lib/transparency/read-database"),
      import("#lib/transparency/checkpoint-file"),
      import("#lib/transparency/verify"),
    ]);
    const db = openDb(databaseUrl, 2);
    try {
      const found = [];
      for (const id of await trustDomainIds(db)) {
        const options = { file: file.checkpointFile(env().dataDir, id), vkeys: vkey };
        found.push(await reader.verifyDatabase(db, id, options));
      }
      return { results: found, sentence: told.faultSentence };
    } finally {
      await db.$client.end();
    }
  });
  report(json, results, sentence);
}

async function verifyDir({ dir = "", vkey, json }: VerifyOptions): Promise<void> {
  const [{ verifyDirectory }, { faultSentence }] = await Promise.all([
    import("#lib/transparency/static-log"),
    import("#lib/transparency/verify"),
  ]);
  report(json, [await verifyDirectory(dir, vkey)], faultSentence);
}

type Fault = NonNullable<Verification["fault"]>;

function report(
  json: boolean | undefined,
  results: Verification[],
  sentence: (fault: Fault) => string,
): void {
  const failed = results.filter(({ fault }) => fault !== null);
  const lines = results.map(({ origin, size, checkpoints, fault }) =>
    fault
      ? `FAIL  ${plain(origin)}: ${plain(sentence(fault))}`
      : `ok    ${plain(origin)}: ${size} entries, ${checkpoints} checkpoints`,
  );
  print(json, { ok: failed.length === 0, logs: results }, lines);
  if (failed.length > 0) process.exitCode = 1;
}

async function exportTo(dir: string, { json }: { json?: boolean }): Promise<void> {
  const written = await withSession(async ({ ctx, db }) => {
    const [{ writeDirectory }, { auditRead }, { join }] = await Promise.all([
      import("#lib/transparency/static-log"),
      import("#lib/services/audit/record-read"),
      import("node:path"),
    ]);
    const logs: { trustDomainId: string; size: number }[] = [];
    for (const trustDomainId of ctx.actor.trustDomainIds) {
      const note = { trustDomainId, entity: "audit", entityId: trustDomainId, after: { form: "log" } };
      await auditRead(ctx, "audit.export", note);
      const size = await writeDirectory(db, trustDomainId, join(dir, trustDomainId));
      if (size !== null) logs.push({ trustDomainId, size });
    }
    return logs;
  });
  print(json, { logs: written }, [
    ...written.map(({ trustDomainId, size }) => `${trustDomainId}: ${size} entries`),
    ...(written.length === 0 ? ["No log has a checkpoint yet."] : []),
  ]);
}

async function rotate({ domain, overlapDays, json }: RotateOptions): Promise<void> {
  const { vkey } = await withSession(async ({ ctx }) => {
    const [{ rotateLogKey }, { sealer }] = await Promise.all([
      import("#lib/services/audit/rotate-key"),
      import("#lib/server/secret"),
    ]);
    const [trustDomainId] = ctx.actor.trustDomainIds;
    if (!trustDomainId) throw new CommandError("there is no trust domain yet");
    return rotateLogKey(ctx, sealer(), { trustDomainId, overlapDays });
  }, domain);
  print(json, { vkey, overlapDays }, [`The log is signed by ${vkey} from its next checkpoint on.`]);
}

function days(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError("It is a number of days.");
  return Number(text);
}
