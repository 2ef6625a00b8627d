import { z } from "zod";
import { ReasonBody } from "#lib/contracts/identity";
import { route } from "#lib/server/http/route";
import { settleAlarm } from "#lib/services/identity/settle-alarm";

/** POST /api/v1/identity-alarms/{alarmId}/settle — close it with a reason. */
export const POST = route({
  permission: "identity:settle",
  idempotent: true,
  operation: "identity.settle",
  summary: "Settle an identity alarm",
  schemas: { params: z.strictObject({ alarmId: z.uuid() }), body: ReasonBody },
  output: z.strictObject({}),
  handle: async (ctx, { params, body }) => {
    await settleAlarm(ctx, { ...body, ...params });
    return {};
  },
});
