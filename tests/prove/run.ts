/**
 * Long proofs of promises: `npm run prove -- A1 [--short] [--planted] [--seed N]`; full size without `--short`.
 *
 * The last line on stdout is one JSON document; the exit status tells by `failed`.
 */
import { PROOFS } from "./proofs.ts";

const [row = "", ...flags] = process.argv.slice(2);
const proof = PROOFS[row];
if (!proof) {
  process.stderr.write(
    `Usage: npm run prove -- ROW [--short] [--planted] [--seed N], ROW of ${Object.keys(PROOFS).join(", ")}\n`,
  );
  process.exit(2);
}
const seedAt = flags.indexOf("--seed");
const seed = seedAt < 0 ? 1 : Number(flags[seedAt + 1]);
const { cases, failed } = await proof.prove({
  short: flags.includes("--short"),
  planted: flags.includes("--planted"),
  seed,
  log: (line) => process.stderr.write(`${line}\n`),
});
process.stdout.write(`${JSON.stringify({ row, cases, failed, seed })}\n`);
process.exitCode = failed > 0 || cases === 0 ? 1 : 0;
