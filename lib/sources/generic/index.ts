/** The generic source: Touchstone's own JSON documents, plain or signed. */
import type { z } from "zod";
import {
  BOOTSTRAP_EVENT_TYPE,
  type InterpretContext,
  type Item,
  type SignatureStatus,
  type Source,
  VERDICT_EVENT_TYPE,
} from "#lib/sources/contract";
import { verifyJws } from "#lib/sources/shared/jws";
import { Refusal, readJson, readOrRefuse, requireSize } from "#lib/sources/shared/refusal";
import { isIdentityText, sha256Hex } from "#lib/sources/shared/text";
import { requireWithinWindow } from "#lib/sources/shared/window";
import { bootstrapEventOf, verdictOf } from "./convert.ts";
import { BOOTSTRAP_SCHEMA, BootstrapDocument, VERDICT_SCHEMA, VerdictDocument } from "./documents.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** One verdict or one bootstrap event per message, as a JSON document or as a JWS around one. */
export const genericSource: Source = {
  kind: "generic",
  label: "Generic (Touchstone JSON)",
  guide: "connect-generic",
  eventTypes: [VERDICT_EVENT_TYPE, BOOTSTRAP_EVENT_TYPE],
  unsignedAllowed: true,
  defaults: {
    nodeIdPointer: null,
    acceptPastMs: DAY_MS,
    acceptFutureMs: 5 * MINUTE_MS,
    staleAfterMs: 60 * MINUTE_MS,
  },
  interpret({ body, subject, document: read }, context) {
    return readOrRefuse(body, async () => {
      requireSize(body);
      if (subject !== null && !isIdentityText(subject)) {
        throw new Refusal("claims", "the subject is not a text of 1 to 256 printable characters");
      }
      const opened = await open(body, context);
      const document =
        read !== undefined && opened.payload === body ? read : readJson(opened.payload, "the document");
      return { items: [itemOf(document, subject, opened, context)], rejections: [] };
    });
  },
};

type Opened = { payload: Uint8Array; raw: Uint8Array; rawMediaType: string; signature: SignatureStatus };

/**
 * Take the document out of its signature, if there is one.
 *
 * What the body is shows in its first character, not in the media type: only a JSON object starts
 * with a brace. Once a key is registered, plain documents are refused; else dropping the signature
 * would be the way around it.
 */
async function open(body: Uint8Array, { keys }: InterpretContext): Promise<Opened> {
  if (!startsWithBrace(body)) return { ...(await verifyJws(body, keys)), rawMediaType: "application/jose" };
  if (keys.length > 0) {
    throw new Refusal("signature", "a key is registered for this source, so documents must be signed");
  }
  const signature = { status: "unsigned_transport_auth" } as const;
  return { payload: body, raw: body, rawMediaType: "application/json", signature };
}

function startsWithBrace(body: Uint8Array): boolean {
  const first = body.find((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
  return first === 0x7b;
}

function itemOf(document: unknown, subject: string | null, opened: Opened, context: InterpretContext): Item {
  const { raw, rawMediaType, signature } = opened;
  const origin = { raw, rawMediaType, signature };
  const schema =
    typeof document === "object" && document !== null && "schema" in document ? document.schema : null;
  if (schema === VERDICT_SCHEMA) {
    const verdict = verdictOf(check(VerdictDocument, document), subject);
    const { observedAtMs: issuedAtMs, expiresAtMs } = verdict;
    requireWithinWindow({ issuedAtMs, notBeforeMs: null, expiresAtMs }, context);
    return { kind: "verdict", verdict, ...origin };
  }
  if (schema === BOOTSTRAP_SCHEMA) {
    const event = bootstrapEventOf(check(BootstrapDocument, document), subject, sha256Hex(opened.payload));
    requireWithinWindow({ issuedAtMs: event.occurredAtMs, notBeforeMs: null, expiresAtMs: null }, context);
    return { kind: "bootstrap", event, ...origin };
  }
  const known = `${VERDICT_SCHEMA} or ${BOOTSTRAP_SCHEMA}`;
  throw new Refusal("claims", `the document's schema is not ${known}`, "event/invalid");
}

function check<T extends z.ZodType>(schema: T, document: unknown): z.output<T> {
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue?.path.join("/") || "document";
  throw new Refusal("claims", `${where}: ${issue?.message ?? "is wrong"}`, "event/invalid");
}
