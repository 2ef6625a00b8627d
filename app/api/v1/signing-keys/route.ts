import { BaselineQuery, SigningKeyList } from "#lib/contracts/baseline";
import { route } from "#lib/server/http/route";
import { listSigningKeys } from "#lib/services/baseline/signing-keys";

/** GET /api/v1/signing-keys — public keys of this installation, to check what it signed. */
export const GET = route({
  permission: "baseline:read",
  operation: "signing_key.list",
  summary: "Public keys that this installation signs with",
  schemas: { query: BaselineQuery },
  output: SigningKeyList,
  handle: (ctx) => listSigningKeys(ctx),
});
