/** JSON over the context's guarded HTTP, with every failure told apart and nothing quoted. */
import { z } from "zod";
import { type ConnectorContext, ConnectorError } from "#lib/connectors/contract";
import { type OutboundAnswer, OutboundError, type OutboundRequest } from "#lib/domain/outbound";

/** Where a system listens. A path is kept: many are behind one. */
export const BaseUrl = z
  .url({ protocol: /^https?$/ })
  .max(2_048)
  .refine(
    (url) => !/[?#]/.test(url) && new URL(url).username === "",
    "must have no query, fragment or user name",
  );

export const CaPem = z
  .string()
  .max(65_536)
  .regex(/^(-----BEGIN CERTIFICATE-----[\s\S]*-----END CERTIFICATE-----\s*)?$/, "must be PEM certificates")
  .default("")
  .meta({
    title: "Certificate authority",
    description: "PEM. Empty = the authorities of the system.",
    format: "pem",
  });

/** A secret that travels in a header. */
export const Token = z.string().regex(/^[\x21-\x7e]{1,8192}$/, "must be one line of printable ASCII");

export type ApiOptions = {
  base: string;
  headers?: Readonly<Record<string, string>>;
  tls?: OutboundRequest["tls"];
};

export type Call = {
  body?: unknown;
  contentType?: string;
  timeoutMs?: number;
  /** Statuses beside 2xx that are answers too. */
  accept?: readonly number[];
};

export type Answer = { status: number; json: unknown };
export type Api = (method: OutboundRequest["method"], path: string, call?: Call) => Promise<Answer>;

/** Calls below one base address. `path` begins with a slash and has its variable parts encoded. */
export function apiOf(
  ctx: Pick<ConnectorContext, "request" | "signal">,
  { base, headers = {}, tls }: ApiOptions,
): Api {
  return async (method, path, { body, contentType = "application/json", timeoutMs, accept = [] } = {}) => {
    const what = `${method} ${path.split("?")[0]}`;
    const answer = await send(ctx, {
      method,
      url: base.replace(/\/+$/, "") + path,
      headers: body === undefined ? headers : { ...headers, "content-type": contentType },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(tls === undefined ? {} : { tls }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    if ((answer.status < 200 || answer.status > 299) && !accept.includes(answer.status)) {
      throw failureOf(answer.status, what);
    }
    return { status: answer.status, json: jsonOf(answer, what) };
  };
}

/** @throws {ConnectorError} where the guarded way out throws an {@link OutboundError} */
export async function send(
  { request, signal }: Pick<ConnectorContext, "request" | "signal">,
  init: OutboundRequest,
): Promise<OutboundAnswer> {
  try {
    return await request(init, signal);
  } catch (error) {
    if (error instanceof OutboundError) {
      throw new ConnectorError(error.failure, error.message, { cause: error });
    }
    throw error;
  }
}

/** Read what an answer should hold. What is wrong with it is said by its place alone. */
export function read<S extends z.ZodType>(schema: S, { json }: Answer, what: string): z.output<S> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join(".") || "the document";
  throw new ConnectorError("invalid_answer", `${what} is not as documented, at ${where}`);
}

export function failureOf(status: number, what: string): ConnectorError {
  const said = `${what} was answered with ${status}`;
  if (status === 401 || status === 403) return new ConnectorError("unauthorized", said);
  if (status === 404) return new ConnectorError("not_found", said);
  if (status === 409) return new ConnectorError("conflict", said);
  if (status === 429) return new ConnectorError("refused", said, { retry: true });
  if (status >= 500) return new ConnectorError("unreachable", said);
  return new ConnectorError("refused", said);
}

function jsonOf({ body }: OutboundAnswer, what: string): unknown {
  if (body.byteLength === 0) return null;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new ConnectorError("invalid_answer", `${what} was not answered with JSON`);
  }
}

/** Says what is missing in the words that people voted on, and not as a path. */
export async function orMissing<T>(asked: Promise<T>, missing: string): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof ConnectorError && error.kind === "not_found")) throw error;
    throw new ConnectorError("not_found", missing, { cause: error });
  }
}

/** One part of a path. */
export const segment = encodeURIComponent;

/** The first identity of one of these kinds, in the order of the kinds. */
export function identityOf(
  identities: readonly { kind: string; value: string }[],
  kinds: readonly string[],
): string | null {
  for (const kind of kinds) {
    const found = identities.find((identity) => identity.kind === kind);
    if (found) return found.value;
  }
  return null;
}
