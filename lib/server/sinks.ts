/** What telling sinks needs of this installation. */
import "server-only";
import { outboundTo } from "#lib/outbound/client";
import { outboundStreamTo } from "#lib/outbound/stream";
import type { SinkTools } from "#lib/services/sink/tools";
import { SINKS } from "#lib/sinks/registry";
import { env } from "./env.ts";
import { sealer } from "./secret.ts";
import { VERSION } from "./version.ts";

export function sinkTools(): SinkTools {
  const { outboundAllow, ownUrl } = env();
  return {
    kinds: SINKS,
    sealer: sealer(),
    outbound: outboundTo(outboundAllow),
    stream: outboundStreamTo(outboundAllow),
    url: ownUrl,
    productVersion: VERSION,
  };
}
