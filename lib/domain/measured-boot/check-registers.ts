/** The registers that a log gives against those that the verdict states. */
import { hexOf } from "./bytes.ts";
import type { ImaReplay } from "./ima-replay.ts";
import type { RegisterKind } from "./registers.ts";
import type { ReplayedBank } from "./replay.ts";

/** `not_stated`: the verdict names no value. `not_replayable`: the log or the algorithm gives none. */
export type RegisterJudgement = "match" | "mismatch" | "not_stated" | "not_replayable";

export type RegisterCheck = {
  register: number;
  bank: string;
  /** Hex; `null` = cannot be computed. */
  replayed: string | null;
  stated: string | null;
  judgement: RegisterJudgement;
};

/** `bank register` → value in hex. */
export type StatedRegisters = ReadonlyMap<string, string>;

const PCR = /(?:^|[/._-])v?pcr[/._-](sha\d+|sha3_\d+|sm3(?:_256)?)[/._-](\d{1,2})$/;
const RTMR = /(?:^|[/._-])rtmr[/._-]?(\d)$/;
const MRTD = /(?:^|[/._-])mr_?td$/;

/** Registers among the measurements of a verdict, by the paths that sources give them. */
export function statedRegisters(
  measurements: Readonly<Record<string, string>>,
  kind: RegisterKind,
): StatedRegisters {
  const found = new Map<string, string>();
  for (const [path, value] of Object.entries(measurements)) {
    const name = path.toLowerCase();
    const hex = value.toLowerCase().replace(/^0x/, "");
    if (!/^[0-9a-f]{40,128}$/.test(hex)) continue;
    if (kind === "tpm") {
      const [, bank, register] = PCR.exec(name) ?? [];
      if (bank !== undefined) found.set(`${bank} ${Number(register)}`, hex);
    } else {
      const rtmr = RTMR.exec(name)?.[1];
      if (rtmr !== undefined) found.set(`sha384 ${Number(rtmr) + 1}`, hex);
      else if (MRTD.test(name)) found.set("sha384 0", hex);
    }
  }
  return found;
}

/** One row for each register of each bank of a boot log. */
export function checkBootRegisters(banks: readonly ReplayedBank[], stated: StatedRegisters): RegisterCheck[] {
  return banks
    .flatMap(({ name, registers }) =>
      [...(registers ?? [])].map(([register, value]): RegisterCheck => {
        const replayed = hexOf(value);
        const known = stated.get(`${name} ${register}`) ?? null;
        const judgement = known === null ? "not_stated" : known === replayed ? "match" : "mismatch";
        return { register, bank: name, replayed, stated: known, judgement };
      }),
    )
    .sort((a, b) => a.register - b.register || (a.bank < b.bank ? -1 : 1));
}

/** Kernels differ in how they extend banks other than SHA-1, so either way of it counts as a match. */
export function checkImaRegisters(
  { banks }: ImaReplay,
  stated: StatedRegisters,
  isWhole: boolean,
): RegisterCheck[] {
  const rows = new Map<string, RegisterCheck>();
  for (const { name, registers } of banks) {
    for (const [register, value] of registers ?? []) {
      const key = `${name} ${register}`;
      const known = stated.get(key) ?? null;
      const replayed = isWhole ? hexOf(value) : null;
      const judgement = !isWhole
        ? "not_replayable"
        : known === null
          ? "not_stated"
          : known === replayed
            ? "match"
            : "mismatch";
      if (rows.get(key)?.judgement === "match" || (rows.has(key) && judgement !== "match")) continue;
      rows.set(key, { register, bank: name, replayed, stated: known, judgement });
    }
  }
  return [...rows.values()];
}
