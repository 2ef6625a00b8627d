import { type Command, InvalidArgumentError } from "commander";
import type { Verification } from "#lib/transparency/verify";
import { CommandError, plain, print } from "./output.ts";
import { withDatabase, withSession } from "./session.ts";

type VerifyOptions = { vkey?: string[]; dir?: string; proof?: string; checkpoint?: string[]; json?: boolean };
type RotateOptions = { domain?: string; overlapDays: number; json?: boolean };

/** `touchstone audit`: check the record of what was done, and the keys that sign it. */
export function addAudit(program: Command): void {
  const audit = program.command("audit").description("check, export and sign the record of what was done");
  audit
    .command("verify")
    .description("check every audit entry; exits 1 and names the first wrong one")
    .option("--dir <path>", "check an exported log instead of a database")
    .option("--proof <file>", "check the proof of one entry, as the console gives it out; needs --vkey")
    .option("--checkpoint <file...>", "checkpoints of one log that you kept: it must still hold them")
    .option("--vkey <key...>", "keys that you know the log by; without them, those that it names itself")
    .option("--json", "print one JSON document")
    .action((options: VerifyOptions) => {
      if (options.proof !== undefined) return verifyFile(options);
      return options.dir === undefined ? verify(options) : verifyDir(options);
    });
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

async function verify({ vkey, checkpoint, json }: VerifyOptions): Promise<void> {
  const given = await notesOf(checkpoint);
  const { results, sentence } = await withDatabase(async (databaseUrl) => {
    const [{ openDb }, { trustDomainIds }, { env }, reader, file, told, { originOf }] = await Promise.all([
      import("#db/client"),
      import("#db/queries/trust-domain"),
      import("#lib/server/env"),
      import("#lib/transparency/read-database"),
      import("#lib/transparency/checkpoint-file"),
      import("#lib/transparency/verify"),
      import("#lib/transparency/take-in"),
    ]);
    const db = openDb(databaseUrl, 2);
    try {
      const ids = await trustDomainIds(db);
      const stranger = given.find(({ origin }) => !ids.some((id) => originOf(id) === origin));
      if (stranger) throw new CommandError(`there is no log ${plain(stranger.origin)} here`);
      const found = [];
      for (const id of ids) {
        const ofLog = given.filter(({ origin }) => origin === originOf(id)).map(({ note }) => note);
        const options = { file: file.checkpointFile(env().dataDir, id), vkeys: vkey, given: ofLog };
        found.push(await reader.verifyDatabase(db, id, options));
      }
      return { results: found, sentence: told.faultSentence };
    } finally {
      await db.$client.end();
    }
  });
  report(json, results, sentence);
}

/** Kept checkpoints, each with the log that it says it is of. */
async function notesOf(files: readonly string[] = []): Promise<{ note: string; origin: string }[]> {
  const [{ readFile }, { checkpointOf }] = await Promise.all([
    import("node:fs/promises"),
    import("#lib/transparency/checkpoint-file"),
  ]);
  const found = [];
  for (const path of files) {
    const note = await readFile(path, "utf8");
    const checkpoint = checkpointOf(note);
    if (!checkpoint) throw new CommandError(`${path} is no checkpoint`, 2);
    found.push({ note, origin: checkpoint.origin });
  }
  return found;
}

async function verifyDir({ dir = "", vkey, checkpoint, json }: VerifyOptions): Promise<void> {
  const [{ verifyDirectory }, { faultSentence }] = await Promise.all([
    import("#lib/transparency/static-log"),
    import("#lib/transparency/verify"),
  ]);
  const given = (await notesOf(checkpoint)).map(({ note }) => note);
  report(json, [await verifyDirectory(dir, { vkeys: vkey, given })], faultSentence);
}

async function verifyFile({ proof = "", vkey = [], json }: VerifyOptions): Promise<void> {
  if (vkey.length === 0)
    throw new CommandError("a proof names no keys: give those of the log with --vkey", 2);
  const [{ verifyProof }, { readFile }] = await Promise.all([
    import("#lib/transparency/verify-proof"),
    import("node:fs/promises"),
  ]);
  const found = verifyProof(await readFile(proof, "utf8"), vkey);
  if (!found.ok) {
    print(json, found, [`FAIL  ${plain(proof)}: ${found.why}`]);
    process.exitCode = 1;
    return;
  }
  const { origin, index, size, entry } = found;
  print(json, { ...found, entry: JSON.parse(entry) }, [
    `ok    ${plain(origin)}: entry ${index} of ${size}`,
    plain(entry),
  ]);
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
