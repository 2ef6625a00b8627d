/** A POST whose answer is either good, or told apart by what helps. */
import { type OutboundAnswer, OutboundError } from "#lib/domain/outbound";
import { type SinkContext, SinkError } from "#lib/sinks/contract";

const MAX_ANSWER_BYTES = 64 * 1024;
/** Longest patience that a receiver may ask for. */
const MAX_PATIENCE_MS = 3_600_000;

/** @returns an answer of the 2xx */
export async function post(
  { request, signal }: Pick<SinkContext, "request" | "signal">,
  init: { url: string; headers: Readonly<Record<string, string>>; body: string; ca: string },
): Promise<OutboundAnswer> {
  let answer: OutboundAnswer;
  try {
    answer = await request(
      {
        method: "POST",
        url: init.url,
        headers: init.headers,
        body: init.body,
        maxBytes: MAX_ANSWER_BYTES,
        ...(init.ca === "" ? {} : { tls: { ca: init.ca } }),
      },
      signal,
    );
  } catch (cause) {
    if (cause instanceof OutboundError) throw new SinkError("unavailable", cause.message, { cause });
    throw cause;
  }
  const { status } = answer;
  if (status >= 200 && status < 300) return answer;
  throw failureOf(answer);
}

/** What an answer other than 2xx means. Its text is not repeated: it may echo what was sent. */
function failureOf({ status, headers }: OutboundAnswer): SinkError {
  const words = `The receiver answered ${status}`;
  if (status === 401 || status === 403)
    return new SinkError("unauthorized", `${words}: it does not accept the credentials`);
  if (status === 410) return new SinkError("gone", `${words}: it wants nothing more`);
  if (status === 400 || status === 413 || status === 415 || status === 422)
    return new SinkError("refused", `${words}: it does not take this event`);
  return new SinkError("unavailable", words, { retryAfterMs: patienceOf(headers["retry-after"]) });
}

/** Seconds only; a date would need the receiver's clock. */
function patienceOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,6}$/.test(text)
    ? Math.min(Number(text) * 1_000, MAX_PATIENCE_MS)
    : null;
}

/** The answer's body as JSON; `null` when it is none. */
export function jsonOf({ body }: OutboundAnswer): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return null;
  }
}
