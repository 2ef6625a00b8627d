/** Who waits for a person, and who is waited for. */
import { type EnrolmentRow, enrolmentCounts, enrolmentList } from "#db/queries/enrolment";
import { type ExpectedNodeRow, expectedNodeCounts, expectedNodeList } from "#db/queries/expected-node";
import type {
  EnrolmentQueue,
  EnrolmentQueueQuery,
  EnrolmentView,
  ExpectedNodeView,
} from "#lib/contracts/enrolment";
import { expectationAt } from "#lib/domain/expected-node";
import type { TrustStatus } from "#lib/domain/trust-status";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { iso } from "#lib/services/instant";

const LIMIT = 200;

export async function enrolmentQueue(
  ctx: ServiceContext,
  { state }: EnrolmentQueueQuery,
): Promise<EnrolmentQueue> {
  const scope = readScope(ctx, "fleet:read");
  const filter = { openOnly: state === "open", limit: LIMIT };
  const [enrolments, expected, states, waitedFor] = await Promise.all([
    enrolmentList(ctx.db, scope, filter),
    expectedNodeList(ctx.db, scope, filter),
    enrolmentCounts(ctx.db, scope),
    expectedNodeCounts(ctx.db, scope),
  ]);
  const nodes = (name: string) => states.find((row) => row.state === name)?.nodes ?? 0;
  const nowMs = ctx.now().getTime();
  return {
    enrolments: enrolments.map(enrolmentView),
    expected: expected.map((row) => expectedNodeView(row, nowMs)),
    counts: { waiting: nodes("waiting"), paused: nodes("paused"), denied: nodes("denied"), ...waitedFor },
  };
}

function enrolmentView(row: EnrolmentRow): EnrolmentView {
  const { decidedAt, decidedBy, reason, ...rest } = row;
  return {
    ...rest,
    status: row.status as TrustStatus,
    state: row.state as EnrolmentView["state"],
    requestedAt: iso(row.requestedAt),
    decision: decidedAt === null ? null : { at: iso(decidedAt), by: decidedBy ?? "", reason: reason ?? "" },
  };
}

/** Its state as of now, also before the worker wrote it down. */
function expectedNodeView(row: ExpectedNodeRow, nowMs: number): ExpectedNodeView {
  const at = expectationAt(
    {
      createdMs: row.createdAt.getTime(),
      expectedByMs: row.expectedBy?.getTime() ?? null,
      provisionedMs: row.provisionedAt?.getTime() ?? null,
      enrolledMs: null,
    },
    nowMs,
  );
  const state = row.withdrawnAt ? "withdrawn" : row.enrolledAt ? "enrolled" : at.state;
  return {
    id: row.id,
    origin: row.origin as ExpectedNodeView["origin"],
    name: row.name,
    identities: row.identities,
    state,
    dueAt: iso("dueMs" in at ? at.dueMs : row.createdAt.getTime()),
    reason: state === "overdue" && at.state === "overdue" ? at.reason : null,
    createdAt: row.createdAt.toISOString(),
    provisionedAt: row.provisionedAt?.toISOString() ?? null,
    enrolledAt: row.enrolledAt?.toISOString() ?? null,
    nodeId: row.nodeId,
  };
}
