/** Turns a host into addresses that may be connected to. A name means what it means once. */
import { lookup as systemLookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import { OutboundError } from "#lib/domain/outbound";
import { type Allowed, isAllowedAddress, isPublicAddress } from "./address.ts";

export type Address = { address: string; family: number };

/** All addresses of a name; injected, so that a test can be the name server. */
export type Lookup = (hostname: string) => Promise<readonly Address[]>;

const LOOKUP: Lookup = (hostname) => systemLookup(hostname, { all: true, verbatim: true });

/** Addresses that were judged; `opened` = the installation names them, and vouches for the way there. */
export type Judged = { addresses: readonly Address[]; opened: boolean };

/**
 * @param host as `hostOf` writes it
 * @throws {OutboundError} `refused` when one of the addresses is not allowed: which one is used is not ours to say
 */
export async function judge(host: string, allowed: Allowed, lookup: Lookup = LOOKUP): Promise<Judged> {
  const family = isIP(host);
  const addresses = family === 0 ? await lookup(host) : [{ address: host, family }];
  if (addresses.length === 0) throw new OutboundError("unreachable", `${host} has no address`);
  const opened = addresses.every(({ address }) => isAllowedAddress(address, host, allowed));
  if (!opened && !addresses.every(({ address }) => isPublicAddress(address))) {
    throw new OutboundError(
      "refused",
      `${host} is not a public address, and TOUCHSTONE_OUTBOUND_ALLOW does not name it`,
    );
  }
  return { addresses, opened };
}

/** What `connect` asks instead of a name server: exactly the judged addresses. */
export function pinned(addresses: readonly Address[]): LookupFunction {
  return (_name, options, done) => {
    const [first] = addresses;
    if (options.all) done(null, [...addresses]);
    else if (first) done(null, first.address, first.family);
    else done(new Error("no address"), "", 0);
  };
}
