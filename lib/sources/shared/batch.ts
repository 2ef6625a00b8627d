/** Bootstrap events out of JSON documents: one, a list of them, or one per line. */
import type { BootstrapEvent } from "#lib/domain/bootstrap-event";
import type { Interpretation, InterpretContext, Item, Message, Rejection } from "#lib/sources/contract";
import { isMembers, type Members } from "./members.ts";
import type { Redacted } from "./redact.ts";
import { Refusal, readJson, readOrRefuse, rejectionOf, requireSize } from "./refusal.ts";
import { clip, isIdentityText, sha256Hex } from "./text.ts";
import { requireWithinWindow } from "./window.ts";

const MAX_BODY_BYTES = 4_194_304;
const MAX_DOCUMENTS = 20_000;
const MAX_STRINGS = 400_000;
const MAX_EXTERNAL_ID_CHARS = 256;

/**
 * An event before its time was looked at.
 *
 * `null` = the document should say when, and does not; `"receipt"` = no document of this sort ever
 * says it, so it is taken as happening when it arrives.
 */
export type Draft = Omit<BootstrapEvent, "occurredAtMs" | "redactions"> & {
  occurredAtMs: number | null | "receipt";
  /**
   * The document describes a state and repeats this for as long as it holds. Once it is older than
   * accepted it is left out without a word: it is known since long, or belongs to an import.
   */
  standing: boolean;
};

type DraftFields = Pick<Draft, "externalId" | "type" | "outcome" | "occurredAtMs"> & Partial<Draft>;

/** A draft in which nothing is said but what is given. Texts are cut to what the event may hold. */
export function draftOf({ reasonText, actor, displayName, method, requestId, ...rest }: DraftFields): Draft {
  const short = (text: string | null | undefined, max: number) => (text ? clip(text, max) : null);
  return {
    reasonCode: null,
    identities: [],
    standing: false,
    ...rest,
    reasonText: short(reasonText, 500),
    displayName: short(displayName, 256),
    method: short(method, 128),
    requestId: short(requestId, 128),
    actor: {
      kind: actor?.kind ?? "unknown",
      id: short(actor?.id, 256),
      address: short(actor?.address, 256),
    },
  };
}

/** An external id out of parts that together are unique within the source. */
export function externalIdOf(...parts: readonly (string | number | null)[]): string {
  const id = parts.map((part) => part ?? "").join(":");
  return id.length <= MAX_EXTERNAL_ID_CHARS && isIdentityText(id) ? id : sha256Hex(id);
}

export type DocumentReader = {
  /** Take out what must not be stored, whether or not the document can be used. */
  redact: (document: Members) => Redacted;
  /**
   * The events in a document; none when it is about something else.
   *
   * @param digest SHA-256 of the document as it is stored
   * @throws {Refusal} when the document is incomplete
   */
  read: (document: Members, context: InterpretContext, digest: string) => readonly Draft[];
};

/** Read a message; each document stands or falls alone, and each event in it too. */
export function interpretDocuments(
  { body, mediaType }: Pick<Message, "body" | "mediaType">,
  context: InterpretContext,
  reader: DocumentReader,
): Promise<Interpretation> {
  return readOrRefuse(body, () => {
    requireSize(body, MAX_BODY_BYTES);
    const items: Item[] = [];
    const rejections: Rejection[] = [];
    const lines = linesOf(body, mediaType);
    if (lines === null) {
      const document = readJson(body, "the document", { maxStrings: MAX_STRINGS });
      const parts = partsOf(document);
      if (parts.length > MAX_DOCUMENTS) throw tooMany();
      for (const part of parts) readDocument(part, part === document ? body : null);
    } else {
      for (const line of lines) {
        attempt(line, () => {
          requireSize(line);
          const document = readJson(line, "the line", { maxStrings: MAX_STRINGS });
          for (const part of partsOf(document)) readDocument(part, part === document ? line : null);
        });
      }
    }
    return { items, rejections };

    function attempt(raw: Uint8Array, read: () => void): void {
      try {
        read();
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        rejections.push(rejectionOf(error, raw));
      }
    }

    function readDocument(document: unknown, bytes: Uint8Array | null): void {
      if (!isMembers(document)) {
        attempt(bytes ?? encode(document), () => {
          throw new Refusal("malformed", "the document is not a JSON object");
        });
        return;
      }
      const { value, redactions } = reader.redact(document);
      const raw = bytes !== null && redactions.length === 0 ? bytes : encode(value);
      attempt(raw, () => {
        for (const draft of reader.read(document, context, sha256Hex(raw))) {
          attempt(raw, () => {
            const event = eventOf(draft, redactions, context);
            if (event === null) return;
            const signature = { status: "unsigned_transport_auth" } as const;
            items.push({ kind: "bootstrap", event, raw, rawMediaType: "application/json", signature });
          });
        }
      });
    }
  });
}

/** @returns `null` for something that has been so for longer than is accepted */
function eventOf(
  { standing, occurredAtMs: when, ...draft }: Draft,
  redactions: readonly string[],
  context: InterpretContext,
): BootstrapEvent | null {
  if (when === null || (when === "receipt" && context.backfill)) {
    throw new Refusal("claims", `${draft.type} carries no time`);
  }
  const occurredAtMs = when === "receipt" ? context.nowMs : when;
  const { backfill, nowMs, settings } = context;
  if (standing && !backfill && occurredAtMs < nowMs - settings.acceptPastMs) return null;
  requireWithinWindow({ issuedAtMs: occurredAtMs, notBeforeMs: null, expiresAtMs: null }, context);
  return { ...draft, occurredAtMs, redactions };
}

/** The documents in a JSON value: the elements of an array or of a list object, else itself. */
function partsOf(document: unknown): readonly unknown[] {
  if (Array.isArray(document)) return document;
  if (!isMembers(document) || !Array.isArray(document.items)) return [document];
  const { kind, apiVersion } = document;
  // Elements of a typed list do not repeat what they are.
  const type =
    typeof kind === "string" && kind.endsWith("List") && kind !== "List"
      ? { kind: kind.slice(0, -4), apiVersion }
      : {};
  return document.items.map((item) => (isMembers(item) ? { ...type, ...item } : item));
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value) ?? "null");
}

const LINES_TYPES: ReadonlySet<string> = new Set([
  "application/x-ndjson",
  "application/ndjson",
  "application/jsonl",
  "application/json-lines",
]);

/**
 * The lines of a body that holds one document each; `null` for a body that is one document.
 *
 * Shippers often name no media type, so a second line that looks like a whole object counts too: no
 * usual way to indent a document leaves such a line.
 */
function linesOf(body: Uint8Array, mediaType: string): readonly Uint8Array[] | null {
  const lines: Uint8Array[] = [];
  let objects = 0;
  for (let start = 0; start < body.byteLength; ) {
    const newline = body.indexOf(0x0a, start);
    const end = newline === -1 ? body.byteLength : newline;
    const line = body.subarray(start, end > start && body[end - 1] === 0x0d ? end - 1 : end);
    start = end + 1;
    if (!line.some((byte) => byte !== 0x20 && byte !== 0x09)) continue;
    lines.push(line);
    if (line.byteLength > 1 && line[0] === 0x7b && line.at(-1) === 0x7d) objects += 1;
  }
  if (!LINES_TYPES.has(mediaType) && (lines.length < 2 || objects === 0)) return null;
  if (lines.length > MAX_DOCUMENTS) throw tooMany();
  return lines;
}

function tooMany(): Refusal {
  return new Refusal("malformed", `there are more than ${MAX_DOCUMENTS} documents`, "batch/too-many");
}
