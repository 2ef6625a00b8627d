import { CheckPackBody, PackCheckView } from "#lib/contracts/pack-check";
import { PACK_MAX_BYTES } from "#lib/domain/report/pack-limit";
import { route } from "#lib/server/http/route";
import { database } from "#lib/server/runtime";
import { installationKeys } from "#lib/services/baseline/installation-keys";
import { checkPack } from "#lib/services/report/check-pack";

/** POST /api/v1/reports/check — check an evidence pack, wherever it is from. */
export const POST = route({
  permission: "compliance:read",
  keepsToReview: true,
  operation: "report.check",
  summary: "Check an evidence pack with the keys of this installation or with others; nothing of it is kept",
  schemas: { body: CheckPackBody },
  output: PackCheckView,
  maxBodyBytes: 2 * PACK_MAX_BYTES,
  handle: (ctx, { body }) => checkPack(ctx, body, () => installationKeys({ db: database() })),
});
