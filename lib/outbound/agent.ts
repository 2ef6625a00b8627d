/**
 * Connections for code that makes its requests by itself: every one is judged when it is opened.
 *
 * An agent speaks one protocol, so that what begins encrypted cannot be led on in the clear.
 */
import { Agent as HttpAgent } from "node:http";
import { type AgentOptions, Agent as HttpsAgent } from "node:https";
import type { Duplex } from "node:stream";
import { OutboundError } from "#lib/domain/outbound";
import type { Allowed } from "./address.ts";
import { judge, type Lookup, pinned } from "./judge.ts";

type Wanted = Parameters<HttpsAgent["createConnection"]>[0];
type Done = (error: Error | null, stream: Duplex) => void;

class GuardedHttpAgent extends HttpAgent {
  readonly #guard: Guard;

  constructor(guard: Guard, options: AgentOptions) {
    super(options);
    this.#guard = guard;
  }

  override createConnection(options: Wanted, done?: Done): undefined {
    this.#guard(options, done, (judged) => super.createConnection(judged));
  }
}

class GuardedHttpsAgent extends HttpsAgent {
  readonly #guard: Guard;

  constructor(guard: Guard, options: AgentOptions) {
    super(options);
    this.#guard = guard;
  }

  override createConnection(options: Wanted, done?: Done): undefined {
    this.#guard(options, done, (judged) => super.createConnection(judged));
  }
}

type Open = (judged: Wanted) => Duplex | null | undefined;
type Guard = (options: Wanted, done: Done | undefined, open: Open) => void;

/** @param allowed destinations beside the public internet; `http` reaches nothing but them */
export function guardedAgent(
  protocol: "http:" | "https:",
  allowed: Allowed,
  options: AgentOptions = {},
  lookup?: Lookup,
): HttpAgent | HttpsAgent {
  const guard: Guard = (wanted, done, open) => {
    const host = String(wanted.host ?? "")
      .replace(/\.$/, "")
      .toLowerCase();
    const refuse = (error: unknown) => done?.(error as Error, undefined as never);
    judge(host, allowed, lookup).then(({ addresses, opened }) => {
      if (!opened && protocol === "http:") {
        refuse(new OutboundError("refused", `${host} may only be reached over https`));
        return;
      }
      const socket = open({ ...wanted, lookup: pinned(addresses) });
      if (socket) done?.(null, socket);
    }, refuse);
  };
  return protocol === "http:" ? new GuardedHttpAgent(guard, options) : new GuardedHttpsAgent(guard, options);
}
