/** CloudEvents, one per request, signed as a Standard Webhook. */
import { createHmac } from "node:crypto";
import { z } from "zod";
import { isoInstant } from "#lib/domain/iso-instant";
import type { Outgoing } from "#lib/domain/siem/outgoing";
import type { Sink } from "#lib/sinks/contract";
import { post } from "#lib/sinks/shared/post";
import { Address, CaPem } from "#lib/sinks/shared/settings";

const SECRET_BYTES = { min: 24, max: 64 };

const Settings = z.strictObject({
  url: Address.meta({ title: "Address", description: "CloudEvents are posted here, one per request." }),
  ca: CaPem,
});
const keyOf = (secret: string): Buffer => Buffer.from(secret.replace(/^whsec_/, ""), "base64");
const Secrets = z.strictObject({
  secret: z
    .string()
    .max(200)
    .refine((text) => {
      const { byteLength } = keyOf(text);
      return text.startsWith("whsec_") && byteLength >= SECRET_BYTES.min && byteLength <= SECRET_BYTES.max;
    }, "must be whsec_ with 24 to 64 bytes in base64")
    .meta({ title: "Signing secret", description: "whsec_…, shared with the receiver." }),
});

/** The event as a structured CloudEvent; `timestamp` is what a Standard Webhook has besides. */
function cloudEventOf({ id, seq, trustDomainId, type, timeMs, knownMs, node, event }: Outgoing): string {
  return JSON.stringify({
    specversion: "1.0",
    id,
    source: `urn:touchstone:trust-domain:${trustDomainId}`,
    type: `dev.touchstone.${type}`,
    ...(node ? { subject: `node/${node.id}`, partitionkey: node.id } : {}),
    time: isoInstant(timeMs),
    recordedtime: isoInstant(knownMs),
    timestamp: isoInstant(timeMs),
    sequence: String(seq).padStart(16, "0"),
    datacontenttype: "application/json",
    data: event,
  });
}

export const webhookSink: Sink<z.output<typeof Settings>, z.output<typeof Secrets>> = {
  kind: "webhook",
  label: "CloudEvents webhook",
  words: "Posts one signed CloudEvent per request (Standard Webhooks).",
  settings: Settings,
  secrets: Secrets,
  maxEvents: 1,
  async deliver(ctx, events) {
    for (const outgoing of events) {
      const body = cloudEventOf(outgoing);
      const timestamp = String(Math.floor(ctx.nowMs / 1_000));
      const signed = createHmac("sha256", keyOf(ctx.secrets.secret))
        .update(`${outgoing.id}.${timestamp}.${body}`)
        .digest("base64");
      await post(ctx, {
        url: ctx.settings.url,
        ca: ctx.settings.ca,
        headers: {
          "content-type": "application/cloudevents+json",
          "webhook-id": outgoing.id,
          "webhook-timestamp": timestamp,
          "webhook-signature": `v1,${signed}`,
        },
        body,
      });
    }
  },
};
