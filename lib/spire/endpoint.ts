/** Where a SPIRE Server listens, and how the two sides know each other. */
import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { socketPathOf } from "#lib/domain/outbound";

const Path = z.string().min(1).max(4096);

/** `host:port`, and nothing that would be sent along. */
function isServer(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, pathname, username, password, search, hash } = new URL(url);
  const rest = `${username}${password}${search}${hash}`;
  return protocol === "https:" && hostname !== "" && pathname === "/" && rest === "";
}

export const SpireAddress = z
  .string()
  .max(2048)
  .refine(
    (url) => socketPathOf(url) !== null || isServer(url),
    "must be unix:///path/to/api.sock, or https://host:port without path, password and query",
  );

export const TrustDomainName = z
  .string()
  .regex(/^[a-z0-9._-]{1,255}$/, "must be the name of a trust domain, without spiffe://");

/**
 * Over its own socket, whoever may open the file is an administrator, and the server needs no proof. Over
 * the network both sides show X509-SVIDs: the server's must say that it is the trust domain's server, the
 * caller's must be one of `admin_ids`.
 */
export const SpireEndpoint = z
  .strictObject({
    url: SpireAddress,
    trustDomain: TrustDomainName,
    /** The trust domain's bundle, PEM. */
    caFile: Path.optional(),
    /** X509-SVID (with intermediates) and its private key, PEM. */
    certFile: Path.optional(),
    keyFile: Path.optional(),
  })
  .refine(
    ({ url, caFile, certFile, keyFile }) =>
      [caFile, certFile, keyFile].every((file) => (file === undefined) === (socketPathOf(url) !== null)),
    "needs caFile, certFile and keyFile for https, and none of them for a socket",
  );

export type SpireEndpoint = z.output<typeof SpireEndpoint>;

/**
 * Whether a certificate (DER) is the X509-SVID of a trust domain's server. Every workload of the trust domain
 * has a certificate from the same authority, so the name decides; an SVID has exactly one URI.
 */
export function isServerOf(der: Uint8Array, trustDomain: string): boolean {
  const names = new X509Certificate(der).subjectAltName?.split(", ") ?? [];
  const uris = names.filter((name) => name.startsWith("URI:"));
  return uris.length === 1 && uris[0] === `URI:spiffe://${trustDomain}/spire/server`;
}
