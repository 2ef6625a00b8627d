/** Any receiver of Standard Webhooks. */
import { z } from "zod";
import type { Channel } from "#lib/notify/contract";
import { Address, send } from "#lib/notify/shared/http";
import { isSigningSecret, signaturesOf } from "./signature.ts";

const Settings = z.strictObject({
  url: Address.meta({ title: "Address", description: "Signed messages are posted here." }),
});
const Secrets = z.strictObject({
  signing: z
    .string()
    .max(1_000)
    .refine((text) => {
      const secrets = text.split(/\s+/).filter(Boolean);
      return secrets.length >= 1 && secrets.length <= 3 && secrets.every(isSigningSecret);
    }, "must be one to three of: whsec_ with 24 to 64 bytes in base64, or whsk_ with an Ed25519 key")
    .meta({
      title: "Signing secrets",
      description:
        "whsec_… (v1, shared) or whsk_… (v1a, ours alone). While you change them, give the old and the new one.",
    }),
});

export const webhook: Channel<z.output<typeof Settings>, z.output<typeof Secrets>> = {
  kind: "webhook",
  label: "Standard Webhook",
  settings: Settings,
  secrets: Secrets,
  verbs: ["trigger", "acknowledge", "resolve", "test"],
  async send(ctx, message) {
    const { id, verb, at, dedupKey, ...data } = message;
    const body = JSON.stringify({
      type: `touchstone.notification.${verb}`,
      timestamp: at,
      data: { notification: dedupKey, ...data },
    });
    const secrets = ctx.secrets.signing.split(/\s+/).filter(Boolean);
    const { status } = await send(ctx, "The receiver", {
      method: "POST",
      url: ctx.settings.url,
      headers: signaturesOf(secrets, id, ctx.nowMs, body),
      body,
    });
    return { status, ref: null };
  },
};
