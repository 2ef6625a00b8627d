/** What telling people needs of this installation. */
import "server-only";
import { CHANNELS } from "#lib/notify/registry";
import { outboundTo } from "#lib/outbound/client";
import { mailTo } from "#lib/outbound/mail";
import type { NotifyTools } from "#lib/services/notification/tools";
import { env } from "./env.ts";
import { sealer } from "./secret.ts";

export function notifyTools(): NotifyTools {
  const { outboundAllow, url } = env();
  return {
    kinds: CHANNELS,
    sealer: sealer(),
    outbound: outboundTo(outboundAllow),
    mail: mailTo(outboundAllow),
    origin: url,
    spread: Math.random,
  };
}
