/** What a connector folder implements: how one kind of system isolates or rebuilds a node. */
import type { z } from "zod";
import type { Outbound, OutboundRequest, OutboundRpc } from "#lib/domain/outbound";

/** The node as a connector sees it. Identities are those that hold now. */
export type ConnectorNode = {
  nodeId: string;
  name: string;
  identities: readonly { kind: string; value: string }[];
  labels: Readonly<Record<string, string>>;
};

/** What the system calls the node; part of the plan that people vote on. */
export type Target = {
  /** Its name or id over there, as the connector of the kind writes it. */
  ref: string;
  /** The same for people. */
  words: string;
  /**
   * What the system calls this very registration of it; `null` = not known. A step that finds another
   * one is refused: a name that was given to something else is not what was approved.
   */
  uid: string | null;
};

export type Verb = {
  /** What it does, as the end of «will …»: `taint the node`. */
  words: string;
  /** It destroys something: never repeated unless it was observed that it did not begin. */
  destructive: boolean;
  /** How long it may take until it is observed to be done. */
  timeoutMs: number;
  /** The verb that takes it back; `null` = nothing does. */
  undo: string | null;
};

/** A condition that was read from the target. One that is blocking and not ok forbids the step. */
export type Check = { name: string; ok: boolean; blocking: boolean; detail: string };

/** `ok` = no blocking check failed. Steps are sentences, in the order in which they would be done. */
export type Preview = { ok: boolean; steps: readonly string[]; checks: readonly Check[] };

/** JSON values that end up in `execution_step.observed`; never a secret. */
export type Facts = Readonly<Record<string, unknown>>;

/**
 * `unknown` is no answer of a connector: a caller that gets no answer at all knows nothing, and observes
 * again. `failed` = the system says so itself. While it is `running`, `start` may be called again with the
 * same key and takes the next step, where there is one (`facts.next`).
 */
export type Observation = {
  state: "not_started" | "running" | "done" | "failed";
  /** One sentence for people. */
  detail: string;
  facts: Facts;
};

/** `again` = it had been started with this key before, and nothing was sent a second time. */
export type Started = { again: boolean; detail: string; facts: Facts };

export type ConnectorFailure =
  /** The system, or a condition that we checked, forbids it. */
  | "refused"
  /** Credentials or rights are missing. Final: trying again locks accounts. */
  | "unauthorized"
  | "unreachable"
  | "timeout"
  /** It is not as it was when it was looked at. */
  | "conflict"
  | "not_found"
  | "invalid_answer";

/**
 * A step that did not go as it should. The message is shown to people and kept: it names what was asked
 * and never quotes an answer, a header or a secret.
 */
export class ConnectorError extends Error {
  override readonly name = "ConnectorError";
  readonly kind: ConnectorFailure;
  /** Asking again may help. Whether something happened is told by `observe` alone. */
  readonly retry: boolean;

  constructor(kind: ConnectorFailure, message: string, options: { retry?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.retry = options.retry ?? (kind === "unreachable" || kind === "timeout" || kind === "conflict");
  }
}

/** What a connector remembers where the other side has no place for it. Values are JSON. */
export type ConnectorMemory = {
  get: (name: string) => Promise<unknown>;
  put: (name: string, value: Facts) => Promise<void>;
  remove: (name: string) => Promise<void>;
};

/** What the other side sent by itself. Header names are lower case; the body is as it came. */
export type Incoming = { headers: Readonly<Record<string, string>>; body: string };

/** `changed` = it said something that was not known. */
export type Received = { idempotencyKey: string; changed: boolean; detail: string };

export type ConnectorContext<Settings = unknown, Secrets = unknown> = {
  settings: Settings;
  /** Opened for this call. */
  secrets: Secrets;
  /** The only way out: allowed destinations, pinned addresses, no redirects, bounded. */
  request: Outbound;
  /** The same for gRPC. */
  rpc: OutboundRpc;
  memory: ConnectorMemory;
  /** Where the other side may report to; `null` = this installation has no address of its own. */
  callbackUrl: string | null;
  nowMs: number;
  /** Rejects when the signal is aborted. */
  sleep: (ms: number) => Promise<void>;
  signal: AbortSignal;
};

/**
 * One folder under `lib/connectors/`, one line in the registry.
 *
 * All calls read the target first and believe nothing that they did not read: that is what makes a
 * repeated start harmless and a lost answer recoverable. All throw {@link ConnectorError}, or the
 * signal's reason when it is aborted.
 */
export interface Connector<Settings = unknown, Secrets = unknown> {
  /** Stored with every connector and step; never rename. */
  readonly kind: string;
  readonly label: string;
  /** Page under `docs/guide/`, without extension, with the rights that it needs. */
  readonly guide: string;
  /** A flat object; titles and descriptions are the form's. Holds no secret. */
  readonly settings: z.ZodType<Settings>;
  /** A flat object of texts; stored sealed, never shown. */
  readonly secrets: z.ZodType<Secrets>;
  readonly verbs: Readonly<Record<string, Verb>>;
  /** Verbs for which these settings say nothing: no step is planned of them. Absent = it can all of them. */
  without?(settings: Settings): readonly string[];
  /** A request that changes nothing although it is no GET: the target rehearses it. */
  readonly isRehearsal?: (request: OutboundRequest) => boolean;
  /** Methods of gRPC that only read; every other one is a change. */
  readonly reads?: readonly string[];
  /** Is the system there and do we have the rights? Reads only. */
  test(ctx: ConnectorContext<Settings, Secrets>): Promise<readonly Check[]>;
  /** `null` = this node is nothing that the system knows. */
  targetOf(node: ConnectorNode, settings: Settings): Target | null;
  /** What runs on the node and would have to go elsewhere, by name. Reads only. Absent = it cannot say. */
  workloads?(ctx: ConnectorContext<Settings, Secrets>, target: Target): Promise<readonly string[]>;
  /** Reads only, which its context enforces. */
  preview(ctx: ConnectorContext<Settings, Secrets>, target: Target, verb: string): Promise<Preview>;
  start(
    ctx: ConnectorContext<Settings, Secrets>,
    target: Target,
    verb: string,
    idempotencyKey: string,
  ): Promise<Started>;
  observe(
    ctx: ConnectorContext<Settings, Secrets>,
    target: Target,
    verb: string,
    idempotencyKey: string,
  ): Promise<Observation>;
  /**
   * Takes what the other side reports; absent = it never does. Believes nothing before it was verified:
   * `unauthorized` = it is not from there, `not_found` = nothing was asked for, `conflict` = it had said otherwise.
   */
  receive?(ctx: ConnectorContext<Settings, Secrets>, message: Incoming): Promise<Received>;
  /** Stop what still runs. What is done stays done: that is what `undo` is for. */
  abort(
    ctx: ConnectorContext<Settings, Secrets>,
    target: Target,
    verb: string,
    idempotencyKey: string,
  ): Promise<Observation>;
}

/** What a kind says of itself that changes nothing. */
type Harmless = Pick<Connector, "isRehearsal" | "reads">;

/**
 * A context that cannot change anything: what is neither a GET, nor a rehearsal, nor a method that only reads is
 * refused before it leaves, and the memory forgets.
 */
export function readOnly<S, T>(
  ctx: ConnectorContext<S, T>,
  { isRehearsal = () => false, reads = [] }: Harmless = {},
): ConnectorContext<S, T> {
  const refuse = (what: string) => {
    throw new ConnectorError("refused", `A preview must not send a ${what}`, { retry: false });
  };
  return {
    ...ctx,
    async request(init, signal) {
      if (init.method === "GET" || isRehearsal(init)) return ctx.request(init, signal);
      return refuse(init.method);
    },
    async rpc(call, signal) {
      return reads.includes(call.method) ? ctx.rpc(call, signal) : refuse(call.method);
    },
    memory: { get: ctx.memory.get, put: async () => {}, remove: async () => {} },
  };
}
