/** What a sink folder implements: how one kind of receiver is told. */
import type { z } from "zod";
import type { Outbound, OutboundStream } from "#lib/domain/outbound";
import type { Outgoing } from "#lib/domain/siem/outgoing";

export type SinkFailure =
  /** The receiver will never take this content. */
  | "refused"
  /** Our credentials are not accepted. */
  | "unauthorized"
  /** It is not there, or not able to; later it may be. */
  | "unavailable"
  /** It says that it is gone for good and wants nothing more. */
  | "gone";

/** The message is shown to people and kept: it names what was asked and never quotes an answer, a header or a secret. */
export class SinkError extends Error {
  override readonly name = "SinkError";
  readonly failure: SinkFailure;
  /** The receiver asked for as much patience; `null` = it did not say. */
  readonly retryAfterMs: number | null;

  constructor(
    failure: SinkFailure,
    message: string,
    { retryAfterMs = null, cause }: { retryAfterMs?: number | null; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.failure = failure;
    this.retryAfterMs = retryAfterMs;
  }
}

export type SinkContext<Settings = unknown, Secrets = unknown> = {
  settings: Settings;
  /** Opened for this call. */
  secrets: Secrets;
  /** The only ways out: allowed destinations, pinned addresses, bounded. */
  request: Outbound;
  stream: OutboundStream;
  productVersion: string;
  /** Where our pages are; `null` = this installation has no address of its own. */
  url: string | null;
  /** Time of the attempt. */
  nowMs: number;
  signal: AbortSignal;
};

/** One folder under `lib/sinks/`, one line in the registry. */
export interface Sink<Settings = unknown, Secrets = unknown> {
  /** Stored with every sink; never rename. */
  readonly kind: string;
  readonly label: string;
  /** One sentence for whoever chooses. */
  readonly words: string;
  /** A flat object; titles and descriptions are the form's. Holds no secret. */
  readonly settings: z.ZodType<Settings>;
  /** A flat object of texts; stored sealed, never shown. */
  readonly secrets: z.ZodType<Secrets>;
  /** Most events of one delivery. */
  readonly maxEvents: number;
  /**
   * Tell the receiver, in this order. Returns once it has taken all of them; after anything else they are told again.
   *
   * @throws {SinkError}; the signal's reason when it is aborted
   */
  deliver(ctx: SinkContext<Settings, Secrets>, events: readonly Outgoing[]): Promise<void>;
}
