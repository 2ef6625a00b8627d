/** How issuers of workload tokens are asked; which ones, the operator's configuration says. */
import "server-only";
import { type Allowed, opening } from "#lib/outbound/address";
import { outboundTo } from "#lib/outbound/client";
import { env } from "./env.ts";
import { shared } from "./shared.ts";
import { type AskIssuer, type WorkloadIssuers, workloadIssuers } from "./workload.ts";

const MAX_BYTES = 512 * 1024;

/** One GET over the guarded way out, whose answer is short, and never what a redirect leads to. */
export function askIssuerWithin(allowed: Allowed): AskIssuer {
  const send = outboundTo(allowed);
  return async (url, signal) => {
    const { status, body } = await send({ method: "GET", url, maxBytes: MAX_BYTES }, signal);
    return { status, body: new TextDecoder().decode(body) };
  };
}

/** The issuers that `TOUCHSTONE_WORKLOAD_ISSUERS` names, with their keys, for the life of the process. */
export function issuersOfInstallation(): WorkloadIssuers {
  return shared("workload-issuers", () => {
    const { workloadIssuers: named, outboundAllow } = env();
    return workloadIssuers(named, askIssuerWithin(opening(outboundAllow, ...named)));
  });
}
