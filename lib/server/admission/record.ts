/**
 * The record of whom admission turned away or warned about.
 *
 * The first answer of its kind in ten minutes becomes a row, its repeats only count on it: however often somebody asks,
 * the record stays readable and small. Written beside the answers, never before them.
 */
import { createHash } from "node:crypto";
import type { Db } from "#db/client";
import { admissionRecordCount, type NewAdmissionRecord } from "#db/queries/admission-record";
import type { Actor } from "#lib/domain/access";
import type { Judged } from "./answer.ts";

const STRETCH_MS = 600_000;
const FLUSH_MS = 1_000;
/** Different answers that wait to be written; more are not recorded, which is logged. */
const WAITING_MAX = 5_000;
const SUBJECT_CHARS = 200;

export type AdmissionRecorder = {
  note: (who: Actor, judged: Judged, nowMs: number) => void;
  /** Write what waits. */
  flush: () => Promise<void>;
  stop: () => void;
};

/** @param report told when answers could not be recorded */
export function recordAdmissions(
  db: Db,
  report: (error: unknown, message: string) => void,
): AdmissionRecorder {
  let waiting = new Map<string, NewAdmissionRecord>();
  let lost = 0;
  const flush = async (): Promise<void> => {
    const batch = waiting;
    waiting = new Map();
    if (lost > 0) report(null, `${lost} admission answers were not recorded: too many different ones`);
    lost = 0;
    if (batch.size === 0) return;
    await admissionRecordCount(db, [...batch.values()]).catch((error: unknown) => {
      report(error, `${batch.size} admission answers could not be recorded`);
    });
  };
  const timer = setInterval(() => void flush(), FLUSH_MS).unref();
  return {
    note(who, judged, nowMs) {
      if (judged.decision === "allow" || judged.trustDomainId === null) return;
      const row = rowOf(who, judged, judged.trustDomainId, nowMs);
      const key = `${row.stretch.getTime()} ${row.trustDomainId} ${row.fingerprint.toString("hex")}`;
      const held = waiting.get(key);
      if (held) waiting.set(key, { ...held, n: held.n + 1, lastAt: row.lastAt });
      else if (waiting.size < WAITING_MAX) waiting.set(key, row);
      else lost += 1;
    },
    flush,
    stop: () => clearInterval(timer),
  };
}

function rowOf(who: Actor, judged: Judged, trustDomainId: string, nowMs: number): NewAdmissionRecord {
  const { node, subject, operation, purpose, decision } = judged;
  const reasons = judged.reasons.filter(({ answer }) => answer !== "allow");
  // Sentences count seconds; what kind of answer it is, its codes say.
  const codes = reasons.map(({ code, answer }) => `${code} ${answer}`);
  const kind = [who.kind, who.id, operation, purpose, decision, node?.id ?? subject, ...codes];
  const at = new Date(nowMs);
  return {
    trustDomainId,
    stretch: new Date(Math.floor(nowMs / STRETCH_MS) * STRETCH_MS),
    fingerprint: createHash("sha256").update(JSON.stringify(kind)).digest(),
    nodeId: node?.id ?? null,
    subject: storable(subject),
    ...{ operation, purpose, decision },
    reasons: reasons.map(({ text }) => storable(text)),
    askedByKind: who.kind,
    askedBy: who.id,
    ...{ n: 1, firstAt: at, lastAt: at },
  };
}

/** The database holds no NUL and no half characters. */
function storable(text: string): string {
  return text.replaceAll("\u0000", "").slice(0, SUBJECT_CHARS).toWellFormed();
}
