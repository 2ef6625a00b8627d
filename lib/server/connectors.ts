/** What calling connectors needs of this installation. */
import "server-only";
import { setTimeout } from "node:timers/promises";
import { CONNECTORS } from "#lib/connectors/registry";
import { outboundTo } from "#lib/outbound/client";
import { outboundRpcTo } from "#lib/outbound/rpc";
import type { ConnectorTools } from "#lib/services/connector/tools";
import { env } from "./env.ts";
import { sealer } from "./secret.ts";

export function connectorTools(): ConnectorTools {
  const { outboundAllow, ownUrl } = env();
  return {
    kinds: CONNECTORS,
    sealer: sealer(),
    outbound: outboundTo(outboundAllow),
    rpc: outboundRpcTo(outboundAllow),
    origin: ownUrl,
    sleep: (ms, signal) => setTimeout(ms, undefined, { signal }),
  };
}
