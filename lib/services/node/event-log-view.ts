/** Read logs as the API shows them: described, replayed, and held against the stated registers. */
import {
  type BootLogView,
  type EventLogs,
  type ImaLogView,
  MAX_SHOWN,
  type RegisterCheckView,
} from "#lib/contracts/event-log";
import { hexOf } from "#lib/domain/measured-boot/bytes";
import {
  checkBootRegisters,
  checkImaRegisters,
  type RegisterCheck,
  statedRegisters,
} from "#lib/domain/measured-boot/check-registers";
import { dataProof, describeEvent } from "#lib/domain/measured-boot/describe";
import type { BootEvent, EventLog } from "#lib/domain/measured-boot/event-log";
import { eventTypeName } from "#lib/domain/measured-boot/event-types";
import type { ImaEntry } from "#lib/domain/measured-boot/ima-log";
import { isWholeImaLog, judgeBootAggregate, replayImaLog } from "#lib/domain/measured-boot/ima-replay";
import type { ReadLog } from "#lib/domain/measured-boot/read-carried";
import { type RegisterKind, registerMeaning, registerName } from "#lib/domain/measured-boot/registers";
import { replayEventLog } from "#lib/domain/measured-boot/replay";
import type { Measurements } from "#lib/domain/verdict";
import { logHash } from "./log-hash.ts";

export function logViews(logs: readonly ReadLog[], measurements: Measurements): EventLogs["logs"] {
  const boot = logs.find((log) => log.form === "tcg" && log.kind === "tpm");
  return logs.map((log) => {
    if (log.form === "tcg") return bootLogView(log.pointer, log.kind, log.log, measurements);
    if (log.form === "ima") {
      return imaLogView(log.pointer, log.log, measurements, boot?.form === "tcg" ? boot.log : null);
    }
    return log;
  });
}

function bootLogView(
  pointer: string,
  kind: RegisterKind,
  log: EventLog,
  measurements: Measurements,
): BootLogView {
  const names = new Map(log.banks.map(({ algorithm, name }) => [algorithm, name]));
  const nameOf = (algorithm: number) => names.get(algorithm) ?? "";
  const eventView = (event: BootEvent): BootLogView["events"][number] => {
    const { subject, value } = describeEvent(event);
    return {
      index: event.index,
      register: event.register,
      type: eventTypeName(event.type),
      subject: subject.toWellFormed(),
      value: value?.toWellFormed() ?? null,
      proof: dataProof(event, nameOf, logHash),
      digests: event.digests
        .map(({ algorithm, digest }) => ({ bank: nameOf(algorithm), digest: hexOf(digest) }))
        .sort((a, b) => b.digest.length - a.digest.length),
    };
  };
  const checks = checkBootRegisters(replayEventLog(log, logHash), statedRegisters(measurements, kind));
  return {
    form: "tcg",
    pointer,
    format: log.format,
    banks: log.banks.map(({ name }) => name),
    registers: checks.map((check) => checkView(check, kind)),
    total: log.events.length,
    events: log.events.slice(0, MAX_SHOWN).map(eventView),
  };
}

function checkView(check: RegisterCheck, kind: RegisterKind): RegisterCheckView {
  const name = registerName(kind, check.register);
  return { ...check, name, ...registerMeaning(kind, check.register) };
}

/** @param boot the boot log of the same evidence, which the first entry can be compared with */
function imaLogView(
  pointer: string,
  entries: readonly ImaEntry[],
  measurements: Measurements,
  boot: EventLog | null,
): ImaLogView {
  const replay = replayImaLog(entries, logHash);
  const contradicted = new Set(replay.contradicted);
  const whole = isWholeImaLog(entries);
  const banks = boot === null ? [] : replayEventLog(boot, logHash);
  const registersOf = (bank: string) => banks.find(({ name }) => name === bank)?.registers ?? null;
  return {
    form: "ima",
    pointer,
    whole,
    bootAggregate: judgeBootAggregate(entries, registersOf, logHash),
    contradictedTotal: contradicted.size,
    registers: checkImaRegisters(replay, statedRegisters(measurements, "tpm"), whole).map((check) =>
      checkView(check, "tpm"),
    ),
    total: entries.length,
    entries: entries.slice(0, MAX_SHOWN).map((entry) => ({
      index: entry.index,
      register: entry.register,
      template: entry.template,
      path: entry.path.toWellFormed(),
      content: entry.isViolation ? "violation" : `${entry.algorithm}:${hexOf(entry.digest)}`,
      signed: entry.template.startsWith("ima-sig") && entry.extra !== null,
      contradicted: contradicted.has(entry.index),
    })),
  };
}
