/** From events to facts: the configured source reads each message; nothing is written here. */
import { ProblemError } from "#lib/domain/problems";
import { type LaneState, laneStateOf, reasonSentence } from "#lib/domain/trust-status";
import {
  BOOTSTRAP_EVENT_TYPE,
  type Item,
  type Message,
  type Rejection,
  VERDICT_EVENT_TYPE,
} from "#lib/sources/contract";
import { eventHash, evidenceKey, measurementDigest, sha256 } from "./digest.ts";
import { withinKeyLife } from "./key-life.ts";
import type { LoadedSource } from "./load-source.ts";

/** A verdict with everything that is derived from it once. */
export type VerdictFact = Extract<Item, { kind: "verdict" }> & {
  index: number;
  state: LaneState;
  reason: string;
  rawSha256: string;
  eventHash: string;
  evidenceKey: string;
  measurementDigest: string | null;
  kid: string | null;
  alg: string | null;
};

export type BootstrapFact = Extract<Item, { kind: "bootstrap" }> & {
  index: number;
  rawSha256: string;
  kid: string | null;
};

/** A refusal of one slot (or one line of it). */
export type Refusal = Rejection & {
  index: number;
  id: string | null;
  subject: string | null;
  mediaType: string;
};

export type Facts = { verdicts: VerdictFact[]; bootstrap: BootstrapFact[]; refusals: Refusal[] };

/** One message to interpret. `type` is the CloudEvents type; `null` for a native delivery. */
export type Job = { index: number; id: string | null; type: string | null; message: Message };

/**
 * Let the source read every message. Signatures are checked concurrently, off the main thread.
 *
 * @param nowMs receive time, the clock of the time window
 */
export async function interpretAll(
  source: LoadedSource,
  jobs: readonly Job[],
  nowMs: number,
  backfill: boolean,
): Promise<Facts> {
  const context = { keys: source.keys, settings: source.settings, nowMs, backfill };
  const results = await Promise.all(
    jobs.map(async (job) => {
      const refused = withoutKey(source, job) ?? unsupported(source, job);
      if (refused) return { items: [], rejections: [refused] };
      return withinKeyLife(await source.plugin.interpret(job.message, context), source);
    }),
  );
  const facts: Facts = { verdicts: [], bootstrap: [], refusals: [] };
  results.forEach(({ items, rejections }, position) => {
    const job = jobs[position] as Job;
    for (const item of items) {
      if (item.kind === "verdict") facts.verdicts.push(verdictFact(item, job.index));
      else facts.bootstrap.push({ ...item, index: job.index, rawSha256: sha256(item.raw), kid: kidOf(item) });
    }
    for (const rejection of rejections) {
      facts.refusals.push({
        ...rejection,
        index: job.index,
        id: job.id,
        subject: job.message.subject,
        mediaType: job.message.mediaType,
      });
    }
  });
  return facts;
}

/** A source that once had keys must never fall back to believing unsigned messages. */
function withoutKey({ keysExhausted }: LoadedSource, { message }: Job): Rejection | null {
  if (!keysExhausted) return null;
  const detail = "Every key of this source has expired, was retired or is distrusted. Register a new one.";
  return { category: "key", code: "event/key", detail, raw: message.body };
}

function unsupported({ plugin }: LoadedSource, { type, message }: Job): Rejection | null {
  if (type === null || plugin.eventTypes.includes(type)) return null;
  const known = [VERDICT_EVENT_TYPE, BOOTSTRAP_EVENT_TYPE].includes(type);
  const detail = known
    ? `A source of kind ${plugin.kind} sends no events of this type.`
    : `Supported types: ${plugin.eventTypes.join(", ") || "none; use the deliver endpoint"}.`;
  return { category: "malformed", code: "event/unsupported-type", detail, raw: message.body };
}

function verdictFact(item: Extract<Item, { kind: "verdict" }>, index: number): VerdictFact {
  const { verdict } = item;
  const state = laneStateOf(verdict);
  const rawSha256 = sha256(item.raw);
  const measurements = measurementDigest(verdict.measurements);
  const kid = kidOf(item);
  return {
    ...item,
    index,
    state,
    reason: reasonSentence(verdict),
    rawSha256,
    eventHash: eventHash(rawSha256, verdict.submod),
    evidenceKey: evidenceKey(verdict, state, measurements, kid),
    measurementDigest: measurements,
    kid,
    alg: item.signature.status === "verified" ? item.signature.alg : null,
  };
}

function kidOf({ signature }: Pick<Item, "signature">): string | null {
  return signature.status === "verified" ? signature.kid : null;
}

/** The problem that a refusal is answered with. */
export function problemOf({ code, detail }: Pick<Rejection, "code" | "detail">): ProblemError {
  return new ProblemError(code, detail);
}
