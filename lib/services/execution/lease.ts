/** Who works on an execution, and for how long: nothing is written by a worker that has lost it. */
import type { Db, Tx } from "#db/client";
import { type ExecutionKey, executionClaim, executionKeep } from "#db/queries/execution";
import type { ConnectorTools } from "#lib/services/connector/tools";
import { uuidv7 } from "#lib/services/uuidv7";

export type ExecutionTools = {
  connectors: ConnectorTools;
  /** Name of the process, for people. */
  worker: string;
  /** How long a claim holds. Longer than a call: whoever takes over meets none that is still out. Milliseconds. */
  leaseMs: number;
  /** How long one call of a connector may take. Milliseconds. */
  callMs: number;
};

export const LEASE_MS = 60_000;
export const CALL_MS = 25_000;

/** An execution that is ours for now. */
export type Work = {
  db: Db;
  tools: ExecutionTools;
  key: ExecutionKey;
  /** Ours alone: another claim of the same process has another one. */
  by: string;
  now: () => Date;
  signal: AbortSignal;
};

/** Another worker has it, or people changed it. Nothing is wrong; whoever has it now goes on. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

/** @returns `null` = nothing is due that nobody works on */
export async function claimWork(
  db: Db,
  tools: ExecutionTools,
  now: () => Date,
  signal: AbortSignal,
): Promise<Work | null> {
  const at = now();
  const by = `${tools.worker} ${uuidv7(at)}`;
  const key = await executionClaim(db, { by, now: at, until: new Date(at.getTime() + tools.leaseMs) });
  return key ? { db, tools, key, by, now, signal } : null;
}

/**
 * Write something while the execution is ours, and have it for a whole lease from now on.
 *
 * @throws {LeaseLost} when it is not ours any more; nothing is written then
 */
export async function keeping<T>(work: Work, write: (tx: Tx, at: Date) => Promise<T>): Promise<T> {
  const at = work.now();
  const until = new Date(at.getTime() + work.tools.leaseMs);
  return work.db.transaction(async (tx) => {
    if (!(await executionKeep(tx, work.key, { by: work.by, now: at, until }))) throw new LeaseLost();
    return write(tx, at);
  });
}
