/** What a channel folder implements: how one kind of system is told something. */
import type { z } from "zod";
import type { Announcement, Severity } from "#lib/domain/notify/event";
import type { MailSend } from "#lib/domain/notify/mail";
import type { Outbound } from "#lib/domain/outbound";

/** `trigger` tells something new, `acknowledge` and `resolve` tell what became of it, `test` only tries the way. */
export const VERBS = ["trigger", "acknowledge", "resolve", "test"] as const;
export type Verb = (typeof VERBS)[number];

/** An event as it goes out; `url` = the page that shows it. Its texts may be hostile. */
export type ToldEvent = Omit<Announcement, "link" | "atMs"> & { url: string; at: string };

export type Message = {
  /** The same each time this message is sent: what receivers tell repetitions by. */
  id: string;
  verb: Verb;
  /** The same for all messages about one notification. */
  dedupKey: string;
  title: string;
  severity: Severity;
  /** Page that shows what it is about. */
  url: string;
  /** Oldest first. */
  events: readonly ToldEvent[];
  /** Who acknowledged or resolved it, and what they said to it; `null` = nobody. */
  by: string | null;
  comment: string | null;
  /** When it was written. ISO 8601. */
  at: string;
};

/** It arrived. `ref` = how the other side calls what it made of it. */
export type Sent = { status: number | null; ref: string | null };

/**
 * It did not arrive, or nobody knows. The message is shown and kept: it never quotes an answer or a secret.
 */
export class ChannelError extends Error {
  override readonly name = "ChannelError";
  readonly status: number | null;
  /** The other side says that nothing is ever to be sent there again. */
  readonly gone: boolean;
  /** For how long it asks to be left alone. */
  readonly retryAfterMs: number | null;

  constructor(
    message: string,
    { status = null, gone = false, retryAfterMs = null, cause }: ChannelErrorOptions = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.gone = gone;
    this.retryAfterMs = retryAfterMs;
  }
}
type ChannelErrorOptions = {
  status?: number | null;
  gone?: boolean;
  retryAfterMs?: number | null;
  cause?: unknown;
};

export type ChannelContext<Settings = unknown, Secrets = unknown> = {
  settings: Settings;
  /** Opened for this call. */
  secrets: Secrets;
  /** The only ways out: allowed destinations, pinned addresses, bounded. */
  request: Outbound;
  mail: MailSend;
  /** What an earlier message about the same notification was made into over there. */
  ref: string | null;
  nowMs: number;
  signal: AbortSignal;
};

/**
 * One folder under `lib/notify/`, one line in the registry.
 *
 * A message may be sent twice, when whoever sent it did not live to note that it arrived: `send` uses the id and the
 * key of the message so that the other side can tell, and looks first where the other side cannot.
 */
export interface Channel<Settings = unknown, Secrets = unknown> {
  /** Stored with every channel; never rename. */
  readonly kind: string;
  readonly label: string;
  /** A flat object; titles and descriptions are the form's. Holds no secret. */
  readonly settings: z.ZodType<Settings>;
  /** A flat object of texts; stored sealed, never shown. */
  readonly secrets: z.ZodType<Secrets>;
  /** What it can be told; the others are not sent to it. */
  readonly verbs: readonly Verb[];
  /** @throws {ChannelError} or the signal's reason when it is aborted */
  send(ctx: ChannelContext<Settings, Secrets>, message: Message): Promise<Sent>;
}
