/** One target: poll when due, keep what was said until it is stored, tell how it goes. */
import { clientPool } from "./client.ts";
import { type Collected, type Collector, FetchError } from "./contract.ts";
import { batchesOf, type Destination, deliver, halvesOf, type Refused } from "./deliver.ts";
import { afterFailure, afterSuccess, breakerOf, firstPace, type Pace } from "./pace.ts";
import { readState, type State, writeState } from "./state-file.ts";

/** The world outside: given by the caller, so that tests need not wait. */
export type Timing = {
  nowMs: () => number;
  /** 0 ≤ r < 1. */
  random: () => number;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
};

export type TargetSetup = {
  name: string;
  collector: Collector;
  settings: unknown;
  destination: Destination;
  statePath: string;
  binding: string;
};

/** How a target stands, for people and for the health file. Instants are ISO 8601; `null` = never. */
export type TargetStatus = {
  name: string;
  kind: string;
  breaker: "closed" | "open" | "half_open";
  lastAnswerAt: string | null;
  nextPollAt: string;
  /** Failures of polls in a row. */
  failures: number;
  /** `null` when the last poll succeeded. */
  pollError: string | null;
  /** `null` when the last delivery succeeded, or there was none. */
  deliveryError: string | null;
  /** What the last poll noticed beside its answers. */
  warnings: readonly string[];
  /** Nodes, agents or objects in the last answer. */
  watched: number;
  documents: number;
  accepted: number;
  duplicate: number;
  refused: number;
  /** The last refusal by Touchstone; the documents are on its list of rejected events. */
  lastRefusal: Refused | null;
  /** Batches that are not known to be stored yet. */
  pending: number;
};

export type Target = {
  status: () => TargetStatus;
  /** When {@link Target.step} has something to do again. */
  nextAtMs: () => number;
  /** Deliver what waits, poll when due, deliver that too. Failures are part of the status. */
  step: (signal: AbortSignal) => Promise<void>;
};

/** Bytes that may wait for Touchstone. Beyond it nothing is polled: a gap is honest, a loss is not. */
const MAX_PENDING_BYTES = 8 * 1024 * 1024;
const MAX_WARNINGS = 20;

/** @throws {StateError} when the state file cannot be used */
export async function openTarget(setup: TargetSetup, timing: Timing): Promise<Target> {
  const { collector, settings, destination, statePath, binding } = setup;
  let state: State = await readState(statePath, binding);
  if (state.memory !== null) state = { ...state, memory: collector.memory.parse(state.memory) };
  let polls: Pace = firstPace(collector.interval, timing.nowMs());
  let deliveries: Pace = firstPace({ minMs: 0, maxMs: 0 }, timing.nowMs());
  let status: Omit<TargetStatus, "breaker" | "nextPollAt" | "failures" | "pending"> = {
    name: setup.name,
    kind: collector.kind,
    lastAnswerAt: null,
    pollError: null,
    deliveryError: null,
    warnings: [],
    watched: 0,
    documents: 0,
    accepted: 0,
    duplicate: 0,
    refused: 0,
    lastRefusal: null,
  };

  const moment = () => ({ nowMs: timing.nowMs(), random: timing.random() });
  const isFull = () => state.outbox.reduce((sum, batch) => sum + batch.length, 0) > MAX_PENDING_BYTES;
  const keep = async (next: State) => {
    await writeState(statePath, binding, next);
    state = next;
  };

  /** Once for all batches: after a crash in between some are sent again, which the server knows. */
  async function flush(signal: AbortSignal): Promise<void> {
    const before = state;
    try {
      await send(signal);
    } finally {
      if (state !== before) await keep(state);
    }
  }

  async function send(signal: AbortSignal): Promise<void> {
    while (state.outbox.length > 0 && timing.nowMs() >= deliveries.nextAtMs) {
      const [batch = "", ...rest] = state.outbox;
      const delivery = await deliver(destination, batch, signal);
      if (delivery.outcome === "retry") {
        deliveries = afterFailure(deliveries, moment());
        status = { ...status, deliveryError: delivery.detail };
        return;
      }
      const halves = delivery.outcome === "split" ? halvesOf(batch) : [];
      const isHopeless = halves.length === 1;
      state = { ...state, outbox: isHopeless ? rest : [...halves, ...rest] };
      if (delivery.outcome === "split" && !isHopeless) continue;
      const { accepted, duplicate, refused } =
        delivery.outcome === "split"
          ? { accepted: 0, duplicate: 0, refused: [{ code: "request/too-large", detail: "one document" }] }
          : delivery;
      deliveries = { ...deliveries, failures: 0, nextAtMs: timing.nowMs() };
      status = {
        ...status,
        deliveryError: null,
        accepted: status.accepted + accepted,
        duplicate: status.duplicate + duplicate,
        refused: status.refused + refused.length,
        lastRefusal: refused.at(-1) ?? status.lastRefusal,
      };
    }
  }

  async function poll(signal: AbortSignal): Promise<void> {
    const warnings: string[] = [];
    const warn = (text: string) => {
      if (warnings.length < MAX_WARNINGS) warnings.push(text);
    };
    const nowMs = timing.nowMs();
    const pool = clientPool(signal);
    let collected: Collected<unknown>;
    try {
      const context = { open: pool.open, nowMs, signal, warn };
      collected = await collector.collect(settings, state.memory, context);
    } catch (error) {
      if (!(error instanceof FetchError)) throw error;
      polls = afterFailure(polls, moment());
      status = { ...status, pollError: error.message, warnings };
      return;
    } finally {
      pool.close();
    }
    const { documents, memory, watched } = collected;
    // Before anything is sent: a crash from here on neither loses nor repeats what was said.
    await keep({ memory, outbox: [...state.outbox, ...batchesOf(documents)] });
    polls = afterSuccess(polls, collected, collector.interval, moment());
    status = {
      ...status,
      pollError: null,
      warnings,
      watched,
      lastAnswerAt: new Date(nowMs).toISOString(),
      documents: status.documents + documents.length,
    };
  }

  return {
    status: () => ({
      ...status,
      breaker: breakerOf(polls, timing.nowMs()),
      nextPollAt: new Date(polls.nextAtMs).toISOString(),
      failures: polls.failures,
      pending: state.outbox.length,
    }),
    nextAtMs() {
      if (state.outbox.length === 0) return polls.nextAtMs;
      return isFull() ? deliveries.nextAtMs : Math.min(deliveries.nextAtMs, polls.nextAtMs);
    },
    async step(signal) {
      await flush(signal);
      if (isFull() || timing.nowMs() < polls.nextAtMs) return;
      await poll(signal);
      await flush(signal);
    },
  };
}
