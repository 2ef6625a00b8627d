/** Requests of channels: what arrived and what did not, with nothing quoted. */
import { z } from "zod";
import type { OutboundAnswer, OutboundRequest } from "#lib/domain/outbound";
import { OutboundError } from "#lib/domain/outbound";
import { type ChannelContext, ChannelError } from "#lib/notify/contract";

/** Where a system listens. */
export const Address = z
  .url({ protocol: /^https?$/ })
  .max(2_048)
  .refine((url) => new URL(url).username === "", "must hold no user name");

/** One line of printable ASCII, which can stand in a header. */
export const Token = z.string().regex(/^[\x21-\x7e]{1,4096}$/, "must be one line of printable ASCII");

type Way = Pick<ChannelContext, "request" | "signal">;

/** @throws {ChannelError} for any status but 2xx */
export async function send(
  { request, signal }: Way,
  what: string,
  init: Omit<OutboundRequest, "body"> & { body?: unknown },
): Promise<OutboundAnswer> {
  const { body, ...rest } = init;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const answer = await asked(
    request(
      {
        ...rest,
        headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...rest.headers },
        ...(body === undefined ? {} : { body: text }),
        maxBytes: 256 * 1024,
      },
      signal,
    ),
  );
  const { status } = answer;
  if (status >= 200 && status < 300) return answer;
  throw new ChannelError(`${what} answered with ${status}`, {
    status,
    gone: status === 410,
    retryAfterMs: retryAfterOf(answer),
  });
}

async function asked(answer: Promise<OutboundAnswer>): Promise<OutboundAnswer> {
  try {
    return await answer;
  } catch (cause) {
    if (cause instanceof OutboundError) throw new ChannelError(WORDS[cause.failure], { cause });
    throw cause;
  }
}

/** Some addresses are secrets, so that no word of them may be kept. */
const WORDS = {
  refused: "The address is not allowed: it is not public, not https, or cannot be read",
  unreachable: "Nothing answers at the address",
  timeout: "There was no complete answer in time",
  invalid_answer: "The answer was a redirect or cannot be read",
} as const;

/** Seconds only: dates would trust the other clock. */
function retryAfterOf({ headers }: OutboundAnswer): number | null {
  const text = headers["retry-after"] ?? "";
  return /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : null;
}

/** Read what an answer should hold. */
export function read<S extends z.ZodType>(schema: S, answer: OutboundAnswer, what: string): z.output<S> {
  const fail = (cause: unknown) =>
    new ChannelError(`${what} did not answer as documented`, { status: answer.status, cause });
  try {
    const json: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(answer.body));
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    throw fail(parsed.error);
  } catch (error) {
    throw error instanceof ChannelError ? error : fail(error);
  }
}
