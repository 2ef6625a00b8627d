import { InstallationKeys } from "#lib/contracts/attestation";
import { route } from "#lib/server/http/route";
import { installationKeys } from "#lib/services/baseline/installation-keys";

/** GET /.well-known/jwks.json — the public keys that the installation's statements are checked with. */
export const GET = route({
  permission: "public",
  operation: "keys.installation",
  summary: "Public keys that the installation signs statements with (JWKS)",
  schemas: {},
  output: InstallationKeys,
  handle: (ctx) => installationKeys(ctx),
});
