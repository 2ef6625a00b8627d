/** Where a SPIRE Server listens, and how the two sides know each other. */
import { z } from "zod";

const Path = z.string().min(1).max(4096);
const SOCKET = /^unix:\/\/(\/[^\0]+)$/;

/** What is behind `unix:///path`; `null` for any other address. */
export function socketPathOf(url: string): string | null {
  return SOCKET.exec(url)?.[1] ?? null;
}

/** `host:port`, and nothing that would be sent along. */
function isServer(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, pathname, username, password, search, hash } = new URL(url);
  const rest = `${username}${password}${search}${hash}`;
  return protocol === "https:" && hostname !== "" && pathname === "/" && rest === "";
}

const Address = z
  .string()
  .max(2048)
  .refine(
    (url) => socketPathOf(url) !== null || isServer(url),
    "must be unix:///path/to/api.sock, or https://host:port without path, password and query",
  );

/**
 * Over its own socket, whoever may open the file is an administrator, and the server needs no proof. Over
 * the network both sides show X509-SVIDs: the server's must say that it is the trust domain's server, the
 * caller's must be one of `admin_ids`.
 */
export const SpireEndpoint = z
  .strictObject({
    url: Address,
    trustDomain: z
      .string()
      .regex(/^[a-z0-9._-]{1,255}$/, "must be the name of a trust domain, without spiffe://"),
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
