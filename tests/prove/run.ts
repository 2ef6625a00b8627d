/**
 * Long proofs of promises: `npm run prove -- A1 [--short] [--planted] [--seed N]`.
 *
 * The last line on stdout is one JSON document; the exit status tells by `failed`.
 */
import { acknowledgedIsNeverLost } from "./acknowledged.ts";
import { knownThenStaysKnown } from "./as-known.ts";
import { orderDoesNotMatter } from "./order.ts";
import type { Proof } from "./proof.ts";

const PROOFS: Readonly<Record<string, Proof>> = {
  A1: acknowledgedIsNeverLost,
  A2: orderDoesNotMatter,
  A3: knownThenStaysKnown,
};

const [row = "", ...flags] = process.argv.slice(2);
const prove = PROOFS[row];
if (!prove) {
  process.stderr.write(
    `Usage: npm run prove -- ROW [--short] [--planted] [--seed N], ROW of ${Object.keys(PROOFS).join(", ")}\n`,
  );
  process.exit(2);
}
const seedAt = flags.indexOf("--seed");
const seed = seedAt < 0 ? 1 : Number(flags[seedAt + 1]);
const { cases, failed } = await prove({
  short: flags.includes("--short"),
  planted: flags.includes("--planted"),
  seed,
  log: (line) => process.stderr.write(`${line}\n`),
});
process.stdout.write(`${JSON.stringify({ row, cases, failed, seed })}\n`);
process.exitCode = failed > 0 || cases === 0 ? 1 : 0;
