import { BacktestBody } from "#lib/contracts/policy";
import { ndjsonResponse } from "#lib/server/http/ndjson";
import { route } from "#lib/server/http/route";
import { policyTools } from "#lib/server/policy-tools";
import { backtestPolicy } from "#lib/services/policy/trial";

/**
 * POST /api/v1/policy-trials/backtest — replay the last days under a policy; stores nothing.
 *
 * One JSON object per line: `{"progress": …}` while it runs, and last `{"result": …}`.
 */
export const POST = route({
  permission: "policy:read",
  operation: "policy.backtest",
  summary: "Replay stored states under a policy",
  schemas: { body: BacktestBody },
  output: null,
  handle: async (ctx, { body, request }) => {
    const replay = await backtestPolicy(ctx, body, policyTools.replayOf);
    return ndjsonResponse(request.signal, async (write, signal) => {
      const result = await replay((progress) => write({ progress }), signal);
      if (result) await write({ result });
    });
  },
});
