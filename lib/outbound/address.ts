/** Which addresses requests may go to. Wherever it is in doubt, an address is not public. */
import ipaddr from "ipaddr.js";
import { socketPathOf } from "#lib/domain/outbound";

/** What an installation opens beside the public internet. */
export type Allowed = {
  /** Names and addresses, lower case, exactly as they stand in a URL. */
  hosts: ReadonlySet<string>;
  ranges: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];
  /** Paths of sockets of this machine. Nothing but a name in full opens one. */
  sockets: ReadonlySet<string>;
};

export const NOTHING_ALLOWED: Allowed = { hosts: new Set(), ranges: [], sockets: new Set() };

/** Where clouds answer their machines with credentials, whatever kind of address it looks like. */
const METADATA: ReadonlySet<string> = new Set([
  "169.254.169.254",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "fd00:ec2::254",
]);
/** The only IPv6 that is given out as public, and the part of it that is for examples. */
const GLOBAL_V6 = ipaddr.parseCIDR("2000::/3") as [ipaddr.IPv6, number];
const EXAMPLES_V6 = ipaddr.parseCIDR("3fff::/20") as [ipaddr.IPv6, number];
/** What a name must never stand for, even when the installation opens the name. */
const NEVER_BY_NAME: ReadonlySet<string> = new Set(["linkLocal", "unspecified", "multicast", "broadcast"]);

/**
 * Read a list such as `10.20.0.0/16, idp.example.internal, 127.0.0.1, unix:///run/spire/api.sock`.
 *
 * @throws with the entry that is neither a name, an address, a range nor a socket
 */
export function readAllowed(text: string): Allowed {
  const all = text.split(/[\s,]+/).filter(Boolean);
  const sockets = socketsAmong(all);
  const entries = all.filter((entry) => socketPathOf(entry) === null);
  const isRange = (entry: string) => /[/:]|^[\d.]+$/.test(entry);
  const hosts = entries.filter((entry) => !isRange(entry)).map((host) => host.toLowerCase());
  const wrong = hosts.find((host) => !/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(host));
  if (wrong !== undefined) throw new Error(`${wrong} is no host name`);
  return { hosts: new Set(hosts), ranges: entries.filter(isRange).map(rangeOf), sockets };
}

/** The same, with these hosts and sockets opened: whoever wrote them into the configuration meant them. */
export function opening(allowed: Allowed, ...urls: readonly string[]): Allowed {
  const hosts = urls.filter((url) => socketPathOf(url) === null).map((url) => hostOf(new URL(url)));
  return {
    ...allowed,
    hosts: new Set([...allowed.hosts, ...hosts]),
    sockets: new Set([...allowed.sockets, ...socketsAmong(urls)]),
  };
}

function socketsAmong(urls: readonly string[]): ReadonlySet<string> {
  return new Set(urls.flatMap((url) => socketPathOf(url) ?? []));
}

/** The host of a URL as everything here compares it: without brackets and final dot. */
export function hostOf({ hostname }: URL): string {
  return hostname
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")
    .toLowerCase();
}

function rangeOf(entry: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  try {
    if (entry.includes("/")) return ipaddr.parseCIDR(entry);
    const address = ipaddr.parse(entry);
    return [address, address.kind() === "ipv4" ? 32 : 128];
  } catch {
    throw new Error(`${entry} is no address and no range`);
  }
}

/** Whether an address is opened by its range, or because it is what an opened name stands for. */
export function isAllowedAddress(address: string, host: string, { hosts, ranges }: Allowed): boolean {
  const parsed = parsedAddress(address);
  if (!parsed) return false;
  if (ranges.some(([range, bits]) => range.kind() === parsed.kind() && parsed.match(range, bits)))
    return true;
  return hosts.has(host) && !NEVER_BY_NAME.has(parsed.range()) && !METADATA.has(parsed.toString());
}

/** Whether an address belongs to the public internet; forms that wrap another address are not believed. */
export function isPublicAddress(address: string): boolean {
  const parsed = parsedAddress(address);
  if (!parsed || METADATA.has(parsed.toString()) || parsed.range() !== "unicast") return false;
  if (parsed.kind() === "ipv4") return true;
  return parsed.match(...GLOBAL_V6) && !parsed.match(...EXAMPLES_V6);
}

function parsedAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  return ipaddr.isValid(text) ? ipaddr.process(text) : null;
}
