/** Event logs of real machines: what their replay gives, and what their differences say. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hexOf } from "#lib/domain/measured-boot/bytes";
import { carriedLogs } from "#lib/domain/measured-boot/carried-logs";
import { type EventLog, parseEventLog } from "#lib/domain/measured-boot/event-log";
import { explainDifference } from "#lib/domain/measured-boot/explain";
import { parseImaLog } from "#lib/domain/measured-boot/ima-log";
import { replayImaLog } from "#lib/domain/measured-boot/ima-replay";
import { readCarriedLog } from "#lib/domain/measured-boot/read-carried";
import { replayEventLog } from "#lib/domain/measured-boot/replay";
import { nodeHash } from "./event-log-writer.ts";

/** A named check: what is wrong, `[]` when nothing is, `null` when a sample is not there. */
export type LogCase = { name: string; run: () => string[] | null };

const TPM_TOOLS = "google-go-tpm-tools";
/** Registers up to here exist; Windows ends its logs with a note in another one, which is no event. */
const MAX_REGISTER = 31;

/** Logs that must be refused, each with its reason. */
const UNREADABLE: readonly (readonly [string, string])[] = [
  ["keylime-server/binary_bios_measurements-empty", "empty"],
  ["keylime-server/binary_bios_measurements-bogus", "not-a-log"],
  ["intel-trust-authority/CCEL.bin", "not-a-log"],
];

const IMA_LOGS: readonly (readonly [string, number])[] = [
  ["keylime-perf-tests/ima_log.txt", 780],
  ["keylime-rust-agent/keylime-agent__ima_ascii_runtime_measurements", 826],
];

/** Logs of confidential guests: the table of the firmware, and the same log as a verifier took it apart. */
const TAKEN_APART: readonly (readonly [string, string])[] = [
  ["trustee/eventlog__CCEL_data_grub_gke", "trustee/eventlog__CCEL_data_grub_gke_out.json"],
  ["trustee/eventlog__CCEL_data_ovmf", "trustee/eventlog__CCEL_data_ovmf_out.json"],
];

/** Logs as Keylime carries them, in base64, with the number of their events. */
const BASE64_LOGS: readonly (readonly [string, number])[] = [
  ["keylime-server/mb_log.b64", 102],
  ["keylime-perf-tests/uefi_log.txt", 153],
];

/** Pairs of logs with the registers that differ, and a sentence that must be among the explanations. */
const PAIRS: readonly { a: string; b: string; registers: readonly number[]; says: string | null }[] = [
  {
    a: `${TPM_TOOLS}/cos-85-amd-sev.bin`,
    b: `${TPM_TOOLS}/cos-93-amd-sev.bin`,
    registers: [4, 5, 8, 9],
    says: "PCR 9: grub.cfg changed",
  },
  {
    a: `${TPM_TOOLS}/cos-93-amd-sev.bin`,
    b: `${TPM_TOOLS}/cos-101-amd-sev.bin`,
    registers: [4, 5, 7, 8, 9, 14],
    says: "PCR 9: grub.cfg changed",
  },
  {
    a: `${TPM_TOOLS}/ubuntu-2104-no-dbx.bin`,
    b: `${TPM_TOOLS}/ubuntu-2104-no-secure-boot.bin`,
    registers: [1, 4, 5, 7, 8, 9],
    says: "PCR 7: dbx changed: 3 certificates, 183 hashes, before empty",
  },
  {
    a: `${TPM_TOOLS}/eventlogwithsp800155.bin`,
    b: `${TPM_TOOLS}/confidential-gke-debug-251000_eventlog.bin`,
    registers: [9],
    says: "grub.cfg",
  },
  {
    a: "uefi-eventlogs/ideapad__ideapad1.bin",
    b: "uefi-eventlogs/thyme__thyme-eventlog.bin",
    registers: [],
    says: null,
  },
  {
    a: "keylime-server/binary_bios_measurements",
    b: "keylime-server/binary_bios_measurements-secureboot",
    registers: [0, 1, 2, 4, 5, 7, 8, 9, 14],
    says: "PCR 7: Secure Boot switched on",
  },
];

export function logCases(fixtures: string): LogCase[] {
  const path = (file: string) => join(fixtures, file);
  const whenThere = (files: readonly string[], run: () => string[]) => () =>
    files.every((file) => existsSync(path(file))) ? run() : null;
  const read = (file: string): EventLog => {
    const parsed = parseEventLog(readFileSync(path(file)));
    if (!parsed.ok) throw new Error(`${file}: ${parsed.problem.detail}`);
    return parsed.log;
  };

  const expected = existsSync(path(`${TPM_TOOLS}/expected-pcrs.json`))
    ? (JSON.parse(readFileSync(path(`${TPM_TOOLS}/expected-pcrs.json`), "utf8")) as {
        logs: Record<string, Record<string, Record<string, string>>>;
      })
    : { logs: {} };
  const replays = Object.entries(expected.logs).map(([name, banks]): LogCase => {
    const file = `${TPM_TOOLS}/${name}`;
    const values = Object.values(banks).reduce((sum, pcrs) => sum + Object.keys(pcrs).length, 0);
    return {
      name: `replay ${name} (${values} values)`,
      run: whenThere([file], () => wrongRegisters(read(file), banks)),
    };
  });

  const folder = path("uefi-eventlogs");
  const machines = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".bin")) : [];
  const counts = machines.sort().map((name): LogCase => {
    const file = `uefi-eventlogs/${name}`;
    return {
      name: `events of ${name}`,
      run: whenThere([file, file.replace(/bin$/, "json")], () => {
        const { events } = JSON.parse(readFileSync(path(file.replace(/bin$/, "json")), "utf8"));
        const found = read(file).events.filter(({ register }) => register <= MAX_REGISTER).length;
        return found === events.length ? [] : [`expected ${events.length} events, got ${found}`];
      }),
    };
  });

  /** A folder of samples that knows nothing of a project has no cases of it to skip either. */
  const isOurs = ([file = ""]: readonly unknown[]) => existsSync(path(String(file).split("/")[0] ?? ""));
  return [
    ...replays,
    ...counts,
    ...UNREADABLE.filter(isOurs).map(
      ([file, code]): LogCase => ({
        name: `refusal of ${file}`,
        run: whenThere([file], () => {
          const parsed = parseEventLog(readFileSync(path(file)));
          const got = parsed.ok ? "a log" : parsed.problem.code;
          return got === code ? [] : [`expected ${code}, got ${got}`];
        }),
      }),
    ),
    ...TAKEN_APART.filter(isOurs).map(
      ([binary, json]): LogCase => ({
        name: `${json} replays like ${binary}`,
        run: whenThere([binary, json], () => {
          const [carried] = carriedLogs(JSON.parse(readFileSync(path(json), "utf8")));
          const stated = carried && readCarriedLog(carried);
          if (stated?.form !== "tcg") return ["no log was found"];
          const registers = (log: EventLog) => JSON.stringify(replayedHex(log));
          return registers(stated.log) === registers(read(binary)) ? [] : ["the registers differ"];
        }),
      }),
    ),
    ...BASE64_LOGS.filter(isOurs).map(
      ([file, events]): LogCase => ({
        name: `events of ${file}`,
        run: whenThere([file], () => {
          const base64 = readFileSync(path(file), "utf8");
          const carried = readCarriedLog({ pointer: "", content: { form: "tcg", kind: "tpm", base64 } });
          const found = carried.form === "tcg" ? carried.log.events.length : 0;
          return found === events ? [] : [`expected ${events} events, got ${found}`];
        }),
      }),
    ),
    ...IMA_LOGS.filter(isOurs).map(
      ([file, entries]): LogCase => ({
        name: `entries of ${file}`,
        run: whenThere([file], () => {
          const parsed = parseImaLog(readFileSync(path(file), "utf8"));
          if (!parsed.ok) return [parsed.problem.detail];
          const { contradicted } = replayImaLog(parsed.log, nodeHash);
          return [
            ...(parsed.log.length === entries
              ? []
              : [`expected ${entries} entries, got ${parsed.log.length}`]),
            ...(contradicted.length === 0 ? [] : [`${contradicted.length} lines do not fit their hash`]),
          ];
        }),
      }),
    ),
    ...PAIRS.filter(({ a }) => isOurs([a])).map(
      ({ a, b, registers, says }): LogCase => ({
        name: `difference ${a} → ${b}`,
        run: whenThere([a, b], () => wrongDifference(read(a), read(b), registers, says)),
      }),
    ),
  ];
}

function wrongRegisters(log: EventLog, banks: Record<string, Record<string, string>>): string[] {
  const replayed = replayEventLog(log, nodeHash);
  return Object.entries(banks).flatMap(([bank, pcrs]) =>
    Object.entries(pcrs).flatMap(([register, value]) => {
      const got = replayed.find(({ name }) => name === bank)?.registers?.get(Number(register));
      return got !== undefined && hexOf(got) === value ? [] : [`${bank} PCR ${register}`];
    }),
  );
}

function replayedHex(log: EventLog): [string, number, string][] {
  return replayEventLog(log, nodeHash).flatMap(({ name, registers }) =>
    [...(registers ?? [])].map(([register, value]): [string, number, string] => [
      name,
      register,
      hexOf(value),
    ]),
  );
}

function wrongDifference(
  a: EventLog,
  b: EventLog,
  expected: readonly number[],
  says: string | null,
): string[] {
  const explained = explainDifference(a, b);
  if (!explained.comparable) return [explained.reason];
  const registers = explained.registers.map(({ register }) => register);
  const sentences = explained.registers.flatMap(({ name, changes }) =>
    changes.map(({ sentence }) => `${name}: ${sentence}`),
  );
  return [
    ...(String(registers) === String(expected) ? [] : [`expected registers ${expected}, got ${registers}`]),
    ...(says === null || sentences.some((sentence) => sentence.includes(says))
      ? []
      : [`nothing says "${says}"`]),
  ];
}
