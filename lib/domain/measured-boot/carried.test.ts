import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BANKS, imaLine, nodeHash, smallBoot, writeAgileLog } from "#tests/event-log-writer";
import { hexOf } from "./bytes.ts";
import { carriedLogs } from "./carried-logs.ts";
import { checkBootRegisters, checkImaRegisters, statedRegisters } from "./check-registers.ts";
import { eventTypeName } from "./event-types.ts";
import { parseImaLog } from "./ima-log.ts";
import { replayImaLog } from "./ima-replay.ts";
import { readCarriedLog } from "./read-carried.ts";
import { replayEventLog } from "./replay.ts";

const boot = Buffer.from(writeAgileLog(BANKS, smallBoot())).toString("base64");
const ima = `${imaLine("boot_aggregate", "")}\n${imaLine("/bin/sh", "1")}\n`;

const found = (document: unknown, submod?: string) =>
  carriedLogs(document, submod).map((log) => `${log.pointer} ${readCarriedLog(log).form}`);

describe("carriedLogs", () => {
  it("finds the members that verifiers put logs in", () => {
    expect(found({ eventLogs: { tpm2: boot, ima } })).toEqual(["/eventLogs/tpm2 tcg", "/eventLogs/ima ima"]);
    expect(found({ data: { mb_measurement_list: boot, ima_measurement_list: ima } })).toEqual([
      "/data/mb_measurement_list tcg",
      "/data/ima_measurement_list ima",
    ]);
    const evidence = [
      { evidence_type: "tpm_quote", data: { message: "x" } },
      { evidence_type: "uefi_log", data: { entries: boot } },
      { evidence_type: "ima_log", data: { entries: Buffer.from(ima).toString("base64") } },
    ];
    expect(found({ attestation: { evidence } })).toEqual([
      "/attestation/evidence/1/data/entries tcg",
      "/attestation/evidence/2/data/entries ima",
    ]);
    expect(found({ tdx: { cc_eventlog: boot } })).toEqual(["/tdx/cc_eventlog tcg"]);
  });

  it("looks only at the verdict's own submodule", () => {
    const document = {
      submods: { cpu0: { a: { mb_measurement_list: boot } }, gpu0: { mb_measurement_list: "x" } },
    };
    expect(found(document, "cpu0")).toEqual(["/submods/cpu0/a/mb_measurement_list tcg"]);
    expect(found(document, "gpu0")).toEqual(["/submods/gpu0/mb_measurement_list unreadable"]);
    expect(found(document)).toHaveLength(2);
  });

  it("reads a log that the verifier took apart, like the binary one", () => {
    const whole = readCarriedLog({ pointer: "", content: { form: "tcg", kind: "tpm", base64: boot } });
    if (whole.form !== "tcg") throw new Error("unreadable");
    const events = whole.log.events.slice(1).map(({ register, type, data, digests }) => ({
      index: register,
      type_name: eventTypeName(type),
      event: Buffer.from(data).toString("base64"),
      digests: digests.map(({ algorithm, digest }) => ({
        alg: algorithm === 4 ? "SHA-1" : "SHA-256",
        digest: hexOf(digest),
      })),
    }));
    const [carried] = carriedLogs({ tdx: { uefi_event_logs: events } });
    const read = carried && readCarriedLog(carried);
    if (read?.form !== "tcg") throw new Error("unreadable");
    expect(read.kind).toBe("cc");
    expect(replayEventLog(read.log, nodeHash)).toEqual(replayEventLog(whole.log, nodeHash));
  });

  it("answers with a value for any document", () => {
    fc.assert(
      fc.property(
        fc.object({
          key: fc.constantFrom("eventLogs", "tpm2", "ima", "uefi_event_logs", "data", "entries"),
          maxDepth: 5,
        }),
        (document) => {
          for (const log of carriedLogs(document)) readCarriedLog(log);
        },
      ),
    );
  });
});

describe("registers", () => {
  const read = readCarriedLog({ pointer: "", content: { form: "tcg", kind: "tpm", base64: boot } });
  const banks = read.form === "tcg" ? replayEventLog(read.log, nodeHash) : [];
  const pcr7 = hexOf(banks[1]?.registers?.get(7) ?? new Uint8Array(0));

  it("match, differ or are not stated", () => {
    const stated = statedRegisters(
      { "pcr/sha256/7": `0x${pcr7.toUpperCase()}`, "pcr/sha256/4": "0".repeat(64) },
      "tpm",
    );
    const of = (register: number, bank = "sha256") =>
      checkBootRegisters(banks, stated).find((row) => row.register === register && row.bank === bank)
        ?.judgement;
    expect(of(7)).toBe("match");
    expect(of(4)).toBe("mismatch");
    expect(of(9)).toBe("not_stated");
    expect(of(7, "sha1")).toBe("not_stated");
  });

  it("of a confidential guest go by their own names", () => {
    const stated = statedRegisters(
      { "tdx.quote.body.rtmr_0": "ab".repeat(48), tdx_rtmr1: "cd".repeat(48) },
      "cc",
    );
    expect([...stated.keys()]).toEqual(["sha384 1", "sha384 2"]);
  });

  it("of IMA count as matching for either way in which kernels extend, and only for whole logs", () => {
    const log = parseImaLog(ima);
    if (!log.ok) throw new Error(log.problem.detail);
    const replay = replayImaLog(log.log, nodeHash);
    for (const { name, registers } of replay.banks) {
      const value = hexOf(registers?.get(10) ?? new Uint8Array(0));
      const stated = statedRegisters({ [`pcr/${name}/10`]: value }, "tpm");
      const judgement = (isWhole: boolean) =>
        checkImaRegisters(replay, stated, isWhole).find(({ bank }) => bank === name)?.judgement;
      expect(judgement(true)).toBe("match");
      expect(judgement(false)).toBe("not_replayable");
    }
  });
});
