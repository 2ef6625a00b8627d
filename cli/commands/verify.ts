import type { Command } from "commander";
import type { Standing } from "#lib/report-pack/finding";
import type { PackCheck } from "#lib/report-pack/verify";
import { CommandError, plain, print } from "./output.ts";

type Options = { keys?: string; checkpointKey?: string[]; json?: boolean };

/** Exit status: nothing failed and a given key vouches for it; something failed; whole, but from nobody known. */
const EXIT_CODE: Readonly<Record<Standing, number>> = { proven: 0, failed: 1, not_proven: 3 };
const WORDS: Readonly<Record<Standing, string>> = {
  proven: "proven    ",
  failed: "FAILED    ",
  not_proven: "not proven",
};

/** `touchstone verify`: check an evidence pack with no database and no network. */
export function addVerify(program: Command): void {
  program
    .command("verify")
    .description("check an evidence pack of a report; exits 3 when it is whole and nobody you know signed it")
    .argument("<pack>", "the ZIP, as it was handed over")
    .option("--keys <file>", "JWK set of the installation, from somewhere else than the pack")
    .option("--checkpoint-key <vkey...>", "keys that you know the audit log by")
    .option("--json", "print one JSON document")
    .action(verify);
}

async function verify(path: string, { keys, checkpointKey = [], json }: Options): Promise<void> {
  const [{ readFile, stat }, { verifyPack }, { readKeys }, { ZIP_LIMITS }, { parseVkey }, { sha256 }] =
    await Promise.all([
      import("node:fs/promises"),
      import("#lib/report-pack/verify"),
      import("#lib/report-pack/verify-signature"),
      import("#lib/report-pack/zip"),
      import("#lib/domain/merkle/note"),
      import("#lib/transparency/crypto"),
    ]);
  const wrong = checkpointKey.find((vkey) => !parseVkey(sha256, vkey));
  if (wrong !== undefined) throw new CommandError(`${plain(wrong)} is no key of an audit log`, 2);
  const known = keys === undefined ? null : readKeys(await text(readFile(keys, "utf8"), keys));
  if (keys !== undefined && !known?.length) throw new CommandError(`${plain(keys)} holds no Ed25519 key`, 2);
  const { size } = await text(stat(path), path);
  if (size > ZIP_LIMITS.bytes) throw new CommandError(`${plain(path)} is larger than a pack may be`);
  const check = verifyPack(await text(readFile(path), path), { keys: known, vkeys: checkpointKey });
  print(json, check, linesOf(check));
  process.exitCode = EXIT_CODE[check.standing];
}

/** What could not be read was not checked: that is a wrong call, and no failure of the pack. */
async function text<T>(reading: Promise<T>, path: string): Promise<T> {
  try {
    return await reading;
  } catch {
    throw new CommandError(`${plain(path)} cannot be read`, 2);
  }
}

const SUMMARY: Readonly<Record<Standing, string>> = {
  proven: "Everything that could be checked holds, and a key that you gave signed it.",
  failed: "This is not to be relied on: see what failed.",
  not_proven:
    "The pack is whole, and nothing shows whose it is: give the keys of the installation with --keys.",
};

function linesOf({ standing, report, findings }: PackCheck): string[] {
  const about = report
    ? [
        `Report ${report.id}: ${plain(report.title)}`,
        `${report.period.from} to ${report.period.to}, as known at ${report.knownAt}`,
        `SHA-256 ${report.digest}`,
      ]
    : [];
  return [
    ...about,
    ...findings.map(
      (finding) => `${WORDS[finding.standing]}  ${plain(finding.part)}: ${plain(finding.text)}`,
    ),
    SUMMARY[standing],
  ];
}
