import { ConnectorParams } from "#lib/contracts/connector";
import { connectorTools } from "#lib/server/connectors";
import { readTextBody } from "#lib/server/http/body";
import { countStranger } from "#lib/server/http/rate-limit";
import { route } from "#lib/server/http/route";
import { receiveReport } from "#lib/services/connector/receive";

const MAX_BYTES = 16 * 1024;

/** POST /api/v1/connectors/{connectorId}/callbacks — what the other system reports, signed with the connector's key. */
export const POST = route({
  permission: "public",
  operation: "connector.report",
  summary: "Report how a step goes on",
  schemas: { params: ConnectorParams },
  output: null,
  status: 204,
  async handle(ctx, { params, request }) {
    await countStranger(ctx.address);
    const body = await readTextBody(request, MAX_BYTES);
    const message = { ...params, headers: Object.fromEntries(request.headers), body };
    // Not spread: a public context reaches for the database only when it is asked for it.
    const { db, requestId, address, now } = ctx;
    await receiveReport({ db, requestId, address, now }, connectorTools(), message, request.signal);
  },
});
