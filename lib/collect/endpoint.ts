/** Where something is asked or sent, and with which credentials. */
import { z } from "zod";

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Credentials travel encrypted, or not beyond this machine. */
function isAcceptable(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  const isPrivate = protocol === "https:" || (protocol === "http:" && LOOPBACK.test(hostname));
  return isPrivate && username === "" && password === "" && search === "" && hash === "";
}

const Path = z.string().min(1).max(4096);

/** Address of a server: `https`, or `http` to this machine (a proxy beside the collector). */
export const Address = z
  .string()
  .max(2048)
  .refine(isAcceptable, "must be an https address (or http to this machine) without password and query");

export const Endpoint = z.strictObject({
  url: Address,
  /** CA certificates that the server's must chain to; the system's are used without it. */
  caFile: Path.optional(),
  /** Client certificate and its private key, PEM. */
  certFile: Path.optional(),
  keyFile: Path.optional(),
  /** Holds a bearer token. */
  tokenFile: Path.optional(),
  /** Name that the server's certificate must carry, when it is not the host in `url`. */
  serverName: z.string().min(1).max(253).optional(),
});

export type Endpoint = z.output<typeof Endpoint>;
