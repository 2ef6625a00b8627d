/** Sources whose messages are signed in their headers. */
import type { Interpretation, InterpretContext, Message } from "#lib/sources/contract";
import { type DocumentReader, interpretDocuments } from "./batch.ts";
import { Refusal, readOrRefuse, requireSize } from "./refusal.ts";
import type { WebhookKey, WebhookVerdict } from "./webhook-signature.ts";

const DETAILS = {
  missing: "the signature headers are missing",
  malformed: "the signature headers cannot be read",
  stale: "it was signed more than five minutes before or after now",
  mismatch: "the signature does not verify with any registered key",
} as const;

/**
 * Check the signature, then read the documents; nothing of the body is looked at before.
 *
 * History that is imported was signed long ago: its signature counts, the time of signing does not.
 */
export function interpretSigned(
  message: Message,
  context: InterpretContext,
  check: (keys: readonly WebhookKey[], nowMs: number | null) => WebhookVerdict,
  reader: DocumentReader,
): Promise<Interpretation> {
  return readOrRefuse(message.body, async () => {
    requireSize(message.body);
    if (context.keys.length === 0) throw new Refusal("key", "no key is registered for this source");
    const verdict = check(context.keys, context.backfill ? null : context.nowMs);
    if (!verdict.ok) {
      const category = verdict.reason === "stale" ? "expired" : "signature";
      throw new Refusal(category, DETAILS[verdict.reason]);
    }
    const { items, rejections } = await interpretDocuments(message, context, reader);
    const { kid, signedAtMs } = verdict;
    const alg = context.keys.find((key) => key.kid === kid)?.alg ?? "HS256";
    const dated = signedAtMs === null ? {} : { signedAtMs };
    const signature = { status: "verified", kid, alg, ...dated } as const;
    // The signature covers the whole body, so the whole body is the evidence of each event in it.
    return { items: items.map((item) => ({ ...item, raw: message.body, signature })), rejections };
  });
}

const MINUTE_MS = 60_000;

/** What all sources with signed headers have in common: nothing is believed without a signature. */
export const WEBHOOK_DEFAULTS = {
  eventTypes: [],
  unsignedAllowed: false,
  defaults: {
    nodeIdPointer: null,
    acceptPastMs: 24 * 60 * MINUTE_MS,
    acceptFutureMs: 5 * MINUTE_MS,
    staleAfterMs: null,
  },
} as const;
