/**
 * Prepares reports: computes what each says in one view of the database, and writes its files.
 *
 * One worker at a time holds a report. Nothing of it can be read before all of it is written: a worker that dies
 * leaves a report that the next one makes from the beginning. Whoever cancels is heard at the next step.
 */
import { createHash, randomUUID } from "node:crypto";
import { type Conn, clientOf, type Db, type Tx } from "#db/client";
import { inOneView } from "#db/one-view";
import { factInsertAll } from "#db/queries/feed";
import {
  type ReportRow,
  reportClaim,
  reportFileInsert,
  reportHold,
  reportLockHeld,
} from "#db/queries/report";
import { type ReportSnapshot, snapshotText } from "#lib/domain/report/snapshot";
import { type ReportFormat, ReportFormatError, type ReportTools } from "#lib/report/contract";
import { frameworkOf } from "#lib/services/compliance/framework-of";
import { computeSnapshot, measuresOf } from "./compute.ts";
import { controlFacts } from "./control-facts.ts";
import { ReportProblem } from "./report-problem.ts";

/** A report is held for so long after each step. */
const HOLD_MS = 5 * 60_000;
/** How often a report is begun before it is given up. */
const ATTEMPTS = 3;
/** Bytes of one piece of a file. */
const PART_BYTES = 1 << 20;

const GIVEN_UP = "It was begun three times and never finished; the log says how it ended.";
const UNFORESEEN = "It failed in a way that was not foreseen; the log says how.";

type Work = { db: Db; tools: ReportTools; now: () => Date; signal: AbortSignal };

/** The report was cancelled or taken over, or the process ends. */
class Stopped extends Error {}

/** Prepare one report that is due. @returns whether there was one */
export async function prepareNext({ db, tools, now, signal }: Work): Promise<boolean> {
  const claimedBy = randomUUID();
  const at = now();
  const until = new Date(at.getTime() + HOLD_MS);
  const row = await db.transaction((tx) => reportClaim(tx, { claimedBy, now: at, until }));
  if (!row) return false;
  const held = { db, tools, now, signal, row, claimedBy };
  if (row.attempts > ATTEMPTS) {
    await end(held, { state: "FAILED", problem: GIVEN_UP });
    return true;
  }
  try {
    await prepare(held);
  } catch (error) {
    if (error instanceof FormatFailed) throw error;
    if (error instanceof Stopped) await giveBack(held);
    else if (error instanceof ReportProblem) await end(held, { state: "FAILED", problem: error.message });
    else {
      const last = row.attempts === ATTEMPTS;
      if (last) await end(held, { state: "FAILED", problem: GIVEN_UP });
      else await reportHold(db, row, claimedBy, { claimedUntil: now() });
      throw error;
    }
  }
  return true;
}

type Held = Work & { row: ReportRow; claimedBy: string };

async function prepare(held: Held): Promise<void> {
  const { db, tools, now, signal, row, claimedBy } = held;
  const time = { at: new Date(row.periodTo.getTime() - 1), knownAt: row.knownAt };
  const framework = row.framework === null ? null : await frameworkOf(db, row.domains, row.framework, time);
  // The snapshot itself is always kept: without it there is no report.
  const formats = tools.formats.filter(({ id }) => id === "json" || (row.formats?.includes(id) ?? true));
  const total = measuresOf(framework).length + formats.length;
  let done = 0;
  const step = async () => {
    if (signal.aborted) throw new Stopped();
    done += 1;
    await mark();
  };
  const mark = async () => {
    const claimedUntil = new Date(now().getTime() + HOLD_MS);
    if (!(await reportHold(db, row, claimedBy, { done, total, claimedUntil }))) throw new Stopped();
  };
  await mark();
  const computing = { productVersion: tools.productVersion, generatedAt: now(), step };
  const snapshot = await inOneView(db, (...both) => computeSnapshot(both, row, computing));
  const text = snapshotText(snapshot);
  const digest = sha256(text);
  const failed: { format: ReportFormat; error: unknown }[] = [];
  for (const format of formats) {
    const written = await format
      .write({ snapshot, text, digest: digest.toString("hex"), evidence: row.evidence })
      .catch((error: unknown) => ({ error }));
    if ("error" in written) failed.push({ format, error: written.error });
    await db.transaction(async (tx) => {
      if (!(await reportLockHeld(tx, row, claimedBy))) throw new Stopped();
      await keep(tx, row, format, written);
    });
    await step();
  }
  await finish(held, snapshot, digest, failed);
  const unforeseen = failed.find(({ error }) => !(error instanceof ReportFormatError));
  // The report says that a form is missing; what it was belongs into the log.
  if (unforeseen) throw new FormatFailed(unforeseen.format.id, { cause: unforeseen.error });
}

/** The report is finished; this only tells the log. */
class FormatFailed extends Error {
  override readonly name = "FormatFailed";
}

async function keep(
  tx: Tx,
  row: ReportRow,
  { id: format }: ReportFormat,
  written: Buffer | { error: unknown },
): Promise<void> {
  const key = { trustDomainId: row.trustDomainId, reportId: row.id, format };
  if ("error" in written) {
    await reportFileInsert(tx, { ...key, digest: null, size: 0, problem: wordsOf(written.error) }, []);
    return;
  }
  const parts: Buffer[] = [];
  for (let at = 0; at < written.length; at += PART_BYTES) parts.push(written.subarray(at, at + PART_BYTES));
  await reportFileInsert(tx, { ...key, digest: sha256(written), size: written.length, problem: null }, parts);
}

function wordsOf(error: unknown): string {
  return error instanceof ReportFormatError ? error.message : UNFORESEEN;
}

async function finish(
  held: Held,
  { rows: _, ...head }: ReportSnapshot,
  digest: Buffer,
  failed: readonly { format: ReportFormat; error: unknown }[],
): Promise<void> {
  const names = failed.map(({ format }) => format.id.toUpperCase()).join(", ");
  const set: Partial<ReportRow> = {
    ...{ digest, head },
    state: failed.length === 0 ? "READY" : "PARTIAL",
    problem:
      failed.length === 0 ? null : `These files could not be written: ${names}. The others are complete.`,
  };
  const { db, row, now } = held;
  await db.transaction(async (tx) => {
    if (await end({ ...held, db: tx }, set))
      await factInsertAll(clientOf(tx), row.trustDomainId, controlFacts(head, now()));
  });
}

/** @returns false when it was cancelled or taken over, and nothing was written */
function end(
  { db, row, claimedBy, now }: Pick<Held, "row" | "claimedBy" | "now"> & { db: Conn },
  set: Partial<ReportRow>,
): Promise<boolean> {
  const over = { finishedAt: now(), claimedBy: null, claimedUntil: null };
  return reportHold(db, row, claimedBy, { ...set, ...over });
}

/** The process ends: another one begins anew, and this attempt does not count. */
async function giveBack({ db, row, claimedBy }: Held): Promise<void> {
  const waiting = { state: "WAITING" as const, claimedBy: null, claimedUntil: null };
  await reportHold(db, row, claimedBy, { ...waiting, attempts: row.attempts - 1, done: 0, total: 0 });
}

function sha256(bytes: string | Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}
