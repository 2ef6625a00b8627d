/** Calls of connectors: bounded, outside of every transaction, and never trusted to end by themselves. */
import type { StepRow } from "#db/queries/execution";
import { ConnectorError, type Target } from "#lib/connectors/contract";
import type { CallFailure } from "#lib/domain/execution";
import { type OpenConnector, openConnector } from "#lib/services/connector/open";
import type { Work } from "./lease.ts";

export type Called<T> = { ok: true; value: T } | { ok: false; failure: CallFailure };

/** A connector with the target that a step is about. */
export type Caller = OpenConnector & { target: Target };

/**
 * Call the connector of a step.
 *
 * Whatever it does with its signal, the answer counts for nothing once the time is over.
 */
export async function callConnector<T>(
  work: Pick<Work, "db" | "tools" | "now" | "signal">,
  step: StepRow,
  call: (by: Caller) => Promise<T>,
): Promise<Called<T>> {
  const { db, tools, now } = work;
  const signal = AbortSignal.any([work.signal, AbortSignal.timeout(tools.callMs)]);
  if (step.connectorId === null || step.target === null)
    throw new Error(`The step ${step.verb} has no connector`);
  const key = { trustDomainId: step.trustDomainId, id: step.connectorId };
  const { target } = step;
  const { promise: over, reject } = Promise.withResolvers<never>();
  const end = () => reject(signal.reason);
  signal.addEventListener("abort", end, { once: true });
  over.catch(() => {});
  try {
    signal.throwIfAborted();
    const asked = openConnector(db, tools.connectors, key, { now, signal }).then((open) =>
      call({ ...open, target }),
    );
    asked.catch(() => {});
    return { ok: true, value: await Promise.race([asked, over]) };
  } catch (error) {
    return { ok: false, failure: failureOf(error, signal) };
  } finally {
    signal.removeEventListener("abort", end);
  }
}

function failureOf(error: unknown, signal: AbortSignal): CallFailure {
  if (error instanceof ConnectorError) {
    const { kind, retry, message } = error;
    return { kind, retry, message };
  }
  if (signal.aborted) return { kind: "timeout", retry: true, message: "There was no answer in time" };
  const name = error instanceof Error ? error.name : "unknown";
  return { kind: "internal", retry: true, message: `The connector failed in itself (${name})` };
}

/** How long the connector says that the step may take. Milliseconds. */
export function stepTimeoutMs({ tools }: Work, { connectorKind, verb, timeoutMs }: StepRow): number {
  const kind = tools.connectors.kinds.find((one) => one.kind === connectorKind);
  return timeoutMs ?? kind?.verbs[verb]?.timeoutMs ?? 0;
}
