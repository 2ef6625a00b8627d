import { DecideDriftBody, DriftDecided } from "#lib/contracts/drift-group";
import { route } from "#lib/server/http/route";
import { decideDrift } from "#lib/services/drift-group/decide";

/** POST /api/v1/drift/decision — accept, hand to remediation, assign or snooze groups. */
export const POST = route({
  permission: "drift:triage",
  idempotent: true,
  operation: "drift.decide",
  summary: "Decide one group of drift or many",
  schemas: { body: DecideDriftBody },
  output: DriftDecided,
  handle: (ctx, { body }) => decideDrift(ctx, body),
});
