/** What a collector folder implements: how one verifier or bootstrap system is asked what it saw. */
import type { z } from "zod";
import type { Endpoint } from "./endpoint.ts";

/** An answer to a GET. Whatever its status is: what it means is the collector's business. */
export type Answer = { status: number; body: Buffer };

export type GetOptions = {
  /** Largest body that is read; more than that is an error. */
  maxBytes?: number;
  timeoutMs?: number;
};

/** One opened endpoint. There is no way to send anything but a GET through it. */
export type Client = {
  /** @throws {FetchError} when there is no answer, or one that must not be read */
  get: (path: string, options?: GetOptions) => Promise<Answer>;
};

export type CollectContext = {
  /**
   * Open an endpoint for this poll. Certificates and tokens are read now, so that a rotation needs no
   * restart. All endpoints of a target share its limit of parallel requests.
   */
  open: (endpoint: Endpoint) => Promise<Client>;
  /** When the poll began, in epoch milliseconds. */
  nowMs: number;
  signal: AbortSignal;
  /** Told to the operator: in the log, in the status of the target and in the health file. */
  warn: (text: string) => void;
};

/** What one poll found. */
export type Collected<Memory> = {
  /** One JSON document per entry, without line breaks, in the order in which they were said. */
  documents: readonly string[];
  /** What the next poll has to know; stored together with the documents, before they are sent. */
  memory: Memory;
  /** Something moved: ask again soon. */
  changed: boolean;
  /** Nodes, agents or objects that the answer spoke of. */
  watched: number;
  /** Wait exactly so long before the next poll, instead of adapting; `null` = adapt. */
  waitMs: number | null;
};

/** Bounds of the adaptive interval between two polls. */
export type Interval = { minMs: number; maxMs: number };

/**
 * One folder under `lib/collect/`, one line in the registry.
 *
 * A collector forwards what it was told, without secrets and without an opinion: what it means is for
 * the source folder of the same kind to say, where it can be tested, versioned and corrected later.
 */
export interface Collector<Settings = unknown, Memory = unknown> {
  /** Also the kind of the source that it delivers to. */
  readonly kind: string;
  /** What a target of this kind configures, beside what all targets do. */
  readonly settings: z.ZodType<Settings>;
  /** What it keeps between polls; read back from the state file, so checked like any other input. */
  readonly memory: z.ZodType<Memory>;
  readonly interval: Interval;
  /**
   * Ask once.
   *
   * @param memory `null` before the first poll
   * @throws {FetchError} when the target as a whole gave no usable answer; nothing is stored then
   */
  collect(settings: Settings, memory: Memory | null, context: CollectContext): Promise<Collected<Memory>>;
  /**
   * Accept the identity that a node has now, after an operator has approved it.
   *
   * @returns `null` when the node is not known, or its identity did not change
   */
  readonly acceptIdentity?: (memory: Memory, nodeId: string) => Memory | null;
}

/** Why an endpoint gave no usable answer. The message never quotes an answer. */
export class FetchError extends Error {
  override readonly name = "FetchError";
  /** Asking again may help: nobody answered, or a server was in trouble. */
  readonly isTransient: boolean;

  constructor(message: string, { isTransient, cause }: { isTransient: boolean; cause?: unknown }) {
    super(message, { cause });
    this.isTransient = isTransient;
  }
}
