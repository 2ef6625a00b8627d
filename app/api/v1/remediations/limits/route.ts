import {
  LimitsSet,
  RemediationLimitsQuery,
  RemediationLimitsView,
  SetLimitsBody,
} from "#lib/contracts/remediation-limits";
import { route } from "#lib/server/http/route";
import { remediationLimits } from "#lib/services/remediation/limits";
import { setRemediationLimits } from "#lib/services/remediation/set-limits";

/** GET /api/v1/remediations/limits — the limits in force, and what they allow in each pool now. */
export const GET = route({
  permission: "remediation:read",
  operation: "remediation.limits",
  summary: "Limits of remediation per trust domain, and what they allow now",
  schemas: { query: RemediationLimitsQuery },
  output: RemediationLimitsView,
  handle: (ctx) => remediationLimits(ctx),
});

/** PUT /api/v1/remediations/limits — limits for one trust domain, as a new version. */
export const PUT = route({
  permission: "remediation:configure",
  stepUp: true,
  operation: "remediation.set_limits",
  summary: "Set the limits of remediation of a trust domain",
  schemas: { body: SetLimitsBody },
  output: LimitsSet,
  handle: (ctx, { body }) => setRemediationLimits(ctx, body),
});
