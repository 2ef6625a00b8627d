/** The one way in which a request changes its state. */
import type { Tx } from "#db/client";
import {
  executionInsert,
  executionUpdate,
  type RemediationRow,
  remediationUpdate,
} from "#db/queries/remediation";
import { ProblemError } from "#lib/domain/problems";
import { isOver, nextRequestState, type RequestEvent, type RequestState } from "#lib/domain/remediation";
import { announceRequest } from "./announce-request.ts";

/** States in which a worker takes up an execution. A partly failed one waits for people. */
export const CLAIMABLE = ["executing", "verifying", "aborting"] as const satisfies readonly RequestState[];

type Move = {
  at: Date;
  /** Why it ended or came to this, for people; absent = nothing is to be said. */
  outcome?: string;
  set?: Partial<RemediationRow>;
};

/**
 * Carry out an edge of the table. An execution, where there is one, follows: it is over when the request is,
 * and free to be claimed when people let it go on.
 *
 * @param row as it was read under its lock
 * @throws {ProblemError} `remediation/wrong-state` when there is no such edge
 */
export async function moveRequest(
  tx: Tx,
  row: RemediationRow,
  event: RequestEvent,
  { at, outcome, set = {} }: Move,
): Promise<RemediationRow> {
  const from = row.state as RequestState;
  const to = nextRequestState(from, event);
  if (to === null) throw wrongState(from);
  const endedAt = isOver(to) ? at : null;
  const after = await remediationUpdate(tx, row, {
    ...set,
    state: to,
    endedAt,
    outcome: outcome ?? null,
    held: set.held ?? null,
  });
  if (!after) throw new Error("The request changed although its row was locked");
  await announceRequest(tx, after, at);
  if (event === "start" || event === "break_glass") return after;
  if (event === "retry" || event === "abort") {
    await executionUpdate(tx, row, { state: to, endedAt: null, claimedBy: null, claimedUntil: null });
  } else if (from !== "pending" && from !== "approved" && from !== "scheduled") {
    await executionUpdate(tx, row, { state: to, endedAt });
  }
  return after;
}

/**
 * Begin: the request is executing, and there is one execution, which a worker takes up.
 *
 * The caller has checked the plan, the votes and the roles under the same lock.
 *
 * @throws {ProblemError} `remediation/wrong-state` when it was begun already, or was not approved
 */
export async function startExecution(
  tx: Tx,
  row: RemediationRow,
  { at, event }: { at: Date; event: "start" | "break_glass" },
): Promise<RemediationRow> {
  const after = await moveRequest(tx, row, event, { at });
  await executionInsert(tx, {
    trustDomainId: row.trustDomainId,
    requestId: row.id,
    state: after.state,
    startedAt: at,
  });
  return after;
}

const WORDS: Partial<Record<RequestState, string>> = { partially_failed: "partly failed" };

export const wrongState = (state: RequestState): ProblemError =>
  new ProblemError("remediation/wrong-state", `The request is ${WORDS[state] ?? state}.`);
