/** Which addresses are ours, and whether a request to change something came from our own pages. */
import "server-only";
import { ProblemError } from "#lib/domain/problems";
import { type Env, env } from "../env.ts";

/** Names under which a browser on this machine may reach us. */
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Values of the `Host` header that are answered: the public address and the loopback names.
 *
 * @param port the port that is really listened on
 */
export function allowedHosts(config: Pick<Env, "url" | "host">, port: number): ReadonlySet<string> {
  const bound = config.host.includes(":") ? `[${config.host}]` : config.host;
  const local = [...LOOPBACK, bound].flatMap((name) =>
    port === 80 ? [name, `${name}:80`] : [`${name}:${port}`],
  );
  return new Set([new URL(config.url).host, ...local].map((host) => host.toLowerCase()));
}

/**
 * Refuse a change that another site asked a signed-in browser for.
 *
 * A browser sends `Origin` with every such request and cannot be made to lie; JSON as a content type
 * is what a plain form cannot send.
 *
 * @throws {ProblemError} `request/foreign-origin`, `request/unsupported-media-type`
 */
export function guardMutation(request: Request): void {
  const { url, port, host } = env();
  const origin = request.headers.get("origin");
  const site = request.headers.get("sec-fetch-site");
  const scheme = new URL(url).protocol;
  const ours = new Set([url, ...[...allowedHosts({ url, host }, port)].map((name) => `${scheme}//${name}`)]);
  if (!origin || !ours.has(origin) || (site !== null && site !== "same-origin")) {
    throw new ProblemError(
      "request/foreign-origin",
      "Changes are accepted from Touchstone's own pages only.",
    );
  }
  requireJson(request);
}

/** @throws {ProblemError} `request/unsupported-media-type` unless the request says that it is JSON */
export function requireJson(request: Request): void {
  const mediaType = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (mediaType !== "application/json" && request.method !== "DELETE") {
    throw new ProblemError("request/unsupported-media-type", "Send application/json.");
  }
}
