import { BaselineQuery, CommonStates } from "#lib/contracts/baseline";
import { route } from "#lib/server/http/route";
import { commonStates } from "#lib/services/baseline/propose-content";

/** GET /api/v1/baselines/common-states — states that many nodes share, for a first baseline. */
export const GET = route({
  permission: "baseline:read",
  operation: "baseline.common_states",
  summary: "The most common states per lane and role",
  schemas: { query: BaselineQuery },
  output: CommonStates,
  handle: (ctx) => commonStates(ctx),
});
