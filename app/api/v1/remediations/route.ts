import {
  RemediationDetail,
  RemediationList,
  RemediationListQuery,
  RequestRemediationBody,
} from "#lib/contracts/remediation";
import { route } from "#lib/server/http/route";
import { remediationTools } from "#lib/server/remediation-tools";
import { remediationList } from "#lib/services/remediation/list";
import { askTargets, requestRemediation } from "#lib/services/remediation/request";

/** GET /api/v1/remediations — what waits for the caller, what they asked for, what goes on, what is over. */
export const GET = route({
  permission: "remediation:read",
  operation: "remediation.list",
  summary: "Remediation requests, last asked for first",
  schemas: { query: RemediationListQuery },
  output: RemediationList,
  handle: (ctx, { query }) => remediationList(ctx, query),
});

/** POST /api/v1/remediations — ask for something to be done to nodes. */
export const POST = route({
  permission: "remediation:request",
  idempotent: true,
  operation: "remediation.request",
  summary: "Ask for something to be done to nodes",
  schemas: { body: RequestRemediationBody },
  output: RemediationDetail,
  status: 201,
  prepare: (ctx, { body }) => askTargets(ctx, body, remediationTools()),
  handle: (ctx, { body }, live) => requestRemediation(ctx, body, remediationTools(), live),
});
