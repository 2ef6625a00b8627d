/** SPIRE: the server's audit log as newline-delimited JSON, and what a collector saw in its list of agents. */
import type { BootstrapEvent } from "#lib/domain/bootstrap-event";
import {
  BOOTSTRAP_EVENT_TYPE,
  type InterpretContext,
  type Item,
  type Rejection,
  type Source,
} from "#lib/sources/contract";
import { Refusal, readJson, readOrRefuse, rejectionOf, requireSize } from "#lib/sources/shared/refusal";
import { sha256Hex } from "#lib/sources/shared/text";
import { requireWithinWindow } from "#lib/sources/shared/window";
import { AGENT_SCHEMA, eventsOfAgent } from "./agent.ts";
import { type AuditRecord, readAuditLine, redactLine } from "./audit-line.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const MAX_BODY_BYTES = 4_194_304;
const MAX_LINE_BYTES = 65_536;
const MAX_LINES = 20_000;

/** Agent attestations, renewals, bans and evictions; failed ones often name no node. */
export const spireSource: Source = {
  kind: "spire",
  label: "SPIRE audit log",
  guide: "connect-spire",
  eventTypes: [BOOTSTRAP_EVENT_TYPE],
  // The server's `default_x509_svid_ttl`; the audit log states no end.
  credentialLifeMs: 60 * MINUTE_MS,
  unsignedAllowed: true,
  defaults: {
    nodeIdPointer: null,
    acceptPastMs: DAY_MS,
    acceptFutureMs: 5 * MINUTE_MS,
    staleAfterMs: null,
  },
  interpret({ body }, context) {
    return readOrRefuse(body, () => {
      requireSize(body, MAX_BODY_BYTES);
      return readLines(splitLines(body), context);
    });
  },
};

/** Each line stands or falls alone, but for the time: see {@link timeOfLine}. */
function readLines(lines: readonly Uint8Array[], context: InterpretContext) {
  const rejections: Rejection[] = [];
  const attempt = <T>(raw: Uint8Array, read: () => T): T | null => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      rejections.push(rejectionOf(error, raw));
      return null;
    }
  };

  const documents = lines.flatMap((raw) => {
    const document = attempt(raw, () => readLine(raw));
    return document === null ? [] : [{ raw, document }];
  });
  const anyTime = documents.some(({ document }) => hasTime(document));
  const externalId = externalIds();
  const items = documents.flatMap(({ raw, document }): Item[] => {
    const stored = redactLine(raw, document);
    const events = attempt(stored.raw, () => {
      if (isAgentDocument(document)) return eventsOfAgent(document).filter((event) => isDue(event, context));
      const record = readAuditLine(document);
      if (record === null) return [];
      const occurredAtMs = timeOfLine(record, anyTime, context);
      return [{ ...record.event, externalId: externalId(record, raw), occurredAtMs }];
    });
    return (events ?? []).map((event) => ({
      kind: "bootstrap",
      event: { ...event, redactions: stored.redactions },
      raw: stored.raw,
      rawMediaType: "application/json",
      signature: { status: "unsigned_transport_auth" },
    }));
  });
  return { items, rejections };
}

function splitLines(body: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  while (start < body.byteLength) {
    const newline = body.indexOf(0x0a, start);
    const end = newline === -1 ? body.byteLength : newline;
    const line = body.subarray(start, body[end - 1] === 0x0d && end > start ? end - 1 : end);
    if (line.some((byte) => byte !== 0x20 && byte !== 0x09)) lines.push(line);
    if (lines.length > MAX_LINES) {
      throw new Refusal("malformed", `there are more than ${MAX_LINES} lines`, "batch/too-many");
    }
    start = end + 1;
  }
  return lines;
}

function readLine(raw: Uint8Array): unknown {
  requireSize(raw, MAX_LINE_BYTES);
  return readJson(raw, "the line");
}

function isAgentDocument(document: unknown): boolean {
  return (
    typeof document === "object" &&
    document !== null &&
    "schema" in document &&
    document.schema === AGENT_SCHEMA
  );
}

/**
 * An end of long ago stands in the list for as long as the agent does, and is no news.
 *
 * @throws {Refusal} when anything else is from outside the accepted time
 */
function isDue(
  { type, occurredAtMs }: Pick<BootstrapEvent, "type" | "occurredAtMs">,
  context: InterpretContext,
): boolean {
  const { backfill, nowMs, settings } = context;
  const isOld = occurredAtMs < nowMs - settings.acceptPastMs;
  if (type === "enrollment.credential_expired" && isOld && !backfill) return false;
  requireWithinWindow({ issuedAtMs: occurredAtMs, notBeforeMs: null, expiresAtMs: null }, context);
  return true;
}

function hasTime(document: unknown): boolean {
  return typeof document === "object" && document !== null && "time" in document;
}

/**
 * When the call was made.
 *
 * A log that was written without times altogether is taken as happening now. One line without a
 * time among others, or such a log as history, has no place on a timeline.
 */
function timeOfLine({ occurredAtMs }: AuditRecord, anyTime: boolean, context: InterpretContext): number {
  if (occurredAtMs !== null) {
    requireWithinWindow({ issuedAtMs: occurredAtMs, notBeforeMs: null, expiresAtMs: null }, context);
    return occurredAtMs;
  }
  if (anyTime || context.backfill) throw new Refusal("claims", "the line carries no time");
  return context.nowMs;
}

/**
 * Ids by `request_id:method`, with `:2`, `:3`, … for further lines of one call. The same bytes get
 * the same id again, so a line that was shipped twice is recognised.
 */
function externalIds(): (record: AuditRecord, raw: Uint8Array) => string {
  const linesOfCall = new Map<string, Map<string, number>>();
  return ({ event, method }, raw) => {
    const digest = sha256Hex(raw);
    if (event.requestId === null) return digest;
    const call = `${event.requestId}:${method}`;
    const numbers = linesOfCall.get(call) ?? new Map<string, number>();
    linesOfCall.set(call, numbers);
    const number = numbers.get(digest) ?? numbers.size + 1;
    numbers.set(digest, number);
    return number === 1 ? call : `${call}:${number}`;
  };
}
