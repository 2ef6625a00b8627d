/** What an IMA log makes of its register, and whether its lines fit their own hashes. */
import type { Hash } from "./algorithms.ts";
import { sameBytes } from "./bytes.ts";
import { type ImaEntry, TEMPLATE_HASH_BYTES } from "./ima-log.ts";
import type { ReplayedBank } from "./replay.ts";

/** How a kernel extends banks other than SHA-1: since 5.8 with the bank's own hash, before with a padded SHA-1. */
export type ImaExtend = "own-hash" | "padded-sha1";

export type ImaReplay = {
  /** Values by register; from the start of the log, so only a whole log gives those of the TPM. */
  banks: readonly (ReplayedBank & { extend: ImaExtend })[];
  /** Lines whose fields do not give the hash that they state. */
  contradicted: readonly number[];
};

const BANKS = [
  { algorithm: 4, name: "sha1", bytes: 20 },
  { algorithm: 11, name: "sha256", bytes: 32 },
] as const;

/** A log that starts in the middle, as collectors cut it, cannot give the value of a register. */
export function isWholeImaLog(entries: readonly ImaEntry[]): boolean {
  return entries[0]?.path === "boot_aggregate";
}

export function replayImaLog(entries: readonly ImaEntry[], hash: Hash): ImaReplay {
  const fields = entries.map((entry) => templateData(entry));
  const contradicted = entries.filter((entry, i) => {
    const computed = hash("sha1", ...(fields[i] ?? []));
    return !entry.isViolation && computed !== null && !sameBytes(computed, entry.templateHash);
  });
  const banks = BANKS.flatMap(({ algorithm, name, bytes }) =>
    (["own-hash", "padded-sha1"] as const)
      .filter((extend) => name !== "sha1" || extend === "padded-sha1")
      .map((extend) => {
        const registers = new Map<number, Uint8Array>();
        for (const [i, entry] of entries.entries()) {
          const digest = digestFor(entry, fields[i] ?? [], { name, bytes, extend }, hash);
          const before = registers.get(entry.register) ?? new Uint8Array(bytes);
          const after = digest && hash(name, before, digest);
          if (after) registers.set(entry.register, after);
        }
        return { algorithm, name, extend, registers };
      }),
  );
  return { banks, contradicted: contradicted.map(({ index }) => index) };
}

/** A violation is extended as all ones, so that no later measurement can make up for it. */
function digestFor(
  entry: ImaEntry,
  fields: readonly Uint8Array[],
  { name, bytes, extend }: { name: string; bytes: number; extend: ImaExtend },
  hash: Hash,
): Uint8Array | null {
  if (entry.isViolation) return new Uint8Array(bytes).fill(0xff);
  if (extend === "own-hash") return hash(name, ...fields);
  const padded = new Uint8Array(bytes);
  padded.set(entry.templateHash.subarray(0, TEMPLATE_HASH_BYTES));
  return padded;
}

const encoder = new TextEncoder();
/** The field of the oldest template has a fixed size, whatever the path is. */
const OLD_NAME_BYTES = 256;

/** The bytes that the template's hash is over; they follow from the line. */
function templateData(entry: ImaEntry): Uint8Array[] {
  const name = encoder.encode(entry.path);
  if (entry.template === "ima") {
    const padded = new Uint8Array(OLD_NAME_BYTES);
    padded.set(name.subarray(0, OLD_NAME_BYTES - 1));
    return [entry.digest, padded];
  }
  const prefix = encoder.encode(`${entry.algorithm}:\0`);
  const fields = [
    [prefix, entry.digest],
    [name, new Uint8Array(1)],
  ];
  if (entry.template !== "ima-ng" && entry.template !== "ima-ngv2")
    fields.push([entry.extra ?? new Uint8Array(0)]);
  return fields.flatMap((parts) => [u32(parts.reduce((sum, { length }) => sum + length, 0)), ...parts]);
}

function u32(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >>> 24) & 0xff);
}

/** Whether the log's first entry is the hash over the boot registers that a replayed boot log gives. */
export type BootAggregate = "matches" | "differs" | "not_comparable";

/** SHA-1 covers PCR 0–7; other banks 0–9 since kernel 5.8 and 0–7 before. */
export function judgeBootAggregate(
  entries: readonly ImaEntry[],
  registersOf: (bank: string) => ReadonlyMap<number, Uint8Array> | null,
  hash: Hash,
): BootAggregate {
  const entry = entries[0];
  if (entry?.path !== "boot_aggregate") return "not_comparable";
  const registers = registersOf(entry.algorithm);
  if (registers === null || registers.size === 0) return "not_comparable";
  for (const count of [10, 8]) {
    const values = Array.from(
      { length: count },
      (_, i) => registers.get(i) ?? new Uint8Array(entry.digest.length),
    );
    const computed = hash(entry.algorithm, ...values);
    if (computed === null) return "not_comparable";
    if (sameBytes(computed, entry.digest)) return "matches";
  }
  return "differs";
}
