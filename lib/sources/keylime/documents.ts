/** Messages of a collector, and how to tell them from notifications. */
import type { Interpretation, InterpretContext, Item, Message, Rejection } from "#lib/sources/contract";
import { isMembers } from "#lib/sources/shared/members";
import { Refusal, readJson, rejectionOf, requireSize } from "#lib/sources/shared/refusal";
import { requireWithinWindow } from "#lib/sources/shared/window";
import { bootOf } from "./boot.ts";
import { verdictOfPoll } from "./poll.ts";
import { readPollDocument } from "./poll-document.ts";
import { eventsOfRegistration, readRegistrarDocument } from "./registration.ts";

const SCHEMAS = "touchstone.keylime.";
const MAX_LINES = 1_000;

/** One document, or one per line; each stands or falls alone. */
export function interpretCollected(
  documents: readonly { raw: Uint8Array; value: unknown }[],
  context: InterpretContext,
): Interpretation {
  const items: Item[] = [];
  const rejections: Rejection[] = [];
  for (const { raw, value } of documents) {
    try {
      items.push(...itemsOf(raw, value, context));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      rejections.push(rejectionOf(error, raw));
    }
  }
  return { items, rejections };
}

/**
 * The collector's documents in a message; `null` when it is something else, such as a notification.
 *
 * @throws {Refusal} when it is neither
 */
export function collectedIn({ body, mediaType }: Message): { raw: Uint8Array; value: unknown }[] | null {
  if (mediaType === "application/x-ndjson") return linesOf(body).map((raw) => ({ raw, value: undefined }));
  requireSize(body);
  const value = readJson(body, "the body", { integers: "text" });
  const isOurs = isMembers(value) && typeof value.schema === "string" && value.schema.startsWith(SCHEMAS);
  return isOurs ? [{ raw: body, value }] : null;
}

function linesOf(body: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < body.byteLength; ) {
    const newline = body.indexOf(0x0a, start);
    const end = newline === -1 ? body.byteLength : newline;
    if (end > start) lines.push(body.subarray(start, end));
    start = end + 1;
  }
  if (lines.length > MAX_LINES) {
    throw new Refusal("malformed", `there are more than ${MAX_LINES} documents`, "batch/too-many");
  }
  if (lines.length === 0) throw new Refusal("malformed", "the message is empty");
  return lines;
}

function itemsOf(raw: Uint8Array, parsed: unknown, context: InterpretContext): Item[] {
  requireSize(raw);
  const value = parsed ?? readJson(raw, "the line", { integers: "text" });
  if (context.keys.length > 0) {
    throw new Refusal(
      "signature",
      "a key is registered for this source, so only signed notifications are believed; give the collector a source of its own",
    );
  }
  const signature = { status: "unsigned_transport_auth" } as const;
  const common = { raw, rawMediaType: "application/json", signature };
  const schema = isMembers(value) ? value.schema : undefined;
  if (schema === "touchstone.keylime.registrar/1") {
    return eventsOfRegistration(readRegistrarDocument(value)).map((event) => {
      requireDate(event.occurredAtMs, context);
      return { ...common, kind: "bootstrap", event };
    });
  }
  if (schema !== "touchstone.keylime.poll/1") {
    throw new Refusal("malformed", "the document is of no schema that a collector for Keylime sends");
  }
  const document = readPollDocument(value);
  const verdict = verdictOfPoll(document);
  const boot = bootOf(document);
  if (verdict !== null) requireDate(verdict.observedAtMs, context);
  return [
    ...(verdict === null ? [] : [{ ...common, kind: "verdict", verdict } as const]),
    ...(boot === null || !isWithin(boot.occurredAtMs, context)
      ? []
      : [{ ...common, kind: "bootstrap", event: boot } as const]),
  ];
}

function requireDate(timeMs: number, context: InterpretContext): void {
  requireWithinWindow({ issuedAtMs: timeMs, notBeforeMs: null, expiresAtMs: null }, context);
}

/** A boot of long ago stands in every poll since; it is told of once, or belongs to an import. */
function isWithin(timeMs: number, { nowMs, settings, backfill }: InterpretContext): boolean {
  return timeMs <= nowMs + settings.acceptFutureMs && (backfill || timeMs >= nowMs - settings.acceptPastMs);
}
