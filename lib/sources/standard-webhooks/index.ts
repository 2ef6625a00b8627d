/** Standard Webhooks: bootstrap events from any sender that signs this way. */
import { z } from "zod";
import { BOOTSTRAP_EVENT_TYPES, BOOTSTRAP_OUTCOMES, REASON_CODES } from "#lib/domain/bootstrap-event";
import { IDENTITY_KINDS } from "#lib/domain/verdict";
import type { InterpretContext, Message, Source } from "#lib/sources/contract";
import { draftOf, externalIdOf } from "#lib/sources/shared/batch";
import type { Members } from "#lib/sources/shared/members";
import { Refusal } from "#lib/sources/shared/refusal";
import { isIdentityText } from "#lib/sources/shared/text";
import { verifyStandardWebhook } from "#lib/sources/shared/webhook-signature";
import { interpretSigned, WEBHOOK_DEFAULTS } from "#lib/sources/shared/webhook-source";
import { parseInstant } from "#lib/sources/shared/window";

const ShortText = z.string().min(1).max(256);

/** `type`, `timestamp` and `data`, as the specification recommends; misspelt members are refused. */
const Payload = z.strictObject({
  type: z.enum(BOOTSTRAP_EVENT_TYPES),
  timestamp: z.string(),
  data: z.strictObject({
    outcome: z.enum(BOOTSTRAP_OUTCOMES),
    reasonCode: z.enum(REASON_CODES).nullable().default(null),
    reasonText: z.string().max(500).nullable().default(null),
    identities: z
      .array(
        z.strictObject({
          kind: z.enum(IDENTITY_KINDS),
          value: z.string().refine(isIdentityText, "is not a text of 1 to 256 printable characters"),
        }),
      )
      .max(16)
      .default([]),
    displayName: ShortText.nullable().default(null),
    method: ShortText.nullable().default(null),
    requestId: ShortText.nullable().default(null),
  }),
});

/** The id of the delivery is the id of the event: a retry has the same one. */
export const standardWebhooksSource: Source = {
  ...WEBHOOK_DEFAULTS,
  kind: "standard-webhooks",
  label: "Standard Webhooks",
  guide: "connect-standard-webhooks",
  signedHeaders: ["webhook-id", "webhook-timestamp", "webhook-signature"],
  secrets: { format: "whsec", besidesPublicKeys: true },
  interpret(message: Message, context: InterpretContext) {
    let events = 0;
    return interpretSigned(
      message,
      context,
      (keys, nowMs) => verifyStandardWebhook(message.body, message.headers, keys, nowMs),
      {
        redact: (document) => ({ value: document, redactions: [] }),
        read: (document) => {
          // A second event would share the id of the first, and be taken for its repetition.
          if (++events > 1) throw new Refusal("malformed", "a delivery holds one event, and this is another");
          return [readPayload(document, message.headers.get("webhook-id") ?? "")];
        },
      },
    );
  },
};

function readPayload(document: Members, id: string) {
  const parsed = Payload.safeParse(document);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.path.join("/") || "document";
    throw new Refusal("claims", `${where}: ${issue?.message ?? "is wrong"}`, "event/invalid");
  }
  const { type, timestamp, data } = parsed.data;
  return draftOf({
    ...data,
    externalId: externalIdOf(id),
    type,
    occurredAtMs: parseInstant(timestamp),
    actor: { kind: "service", id: null, address: null },
  });
}
