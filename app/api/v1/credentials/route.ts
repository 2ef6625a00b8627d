import { CredentialListPage, CredentialListQuery } from "#lib/contracts/credential";
import { route } from "#lib/server/http/route";
import { endingCredentialList } from "#lib/services/credential/ending";

/** GET /api/v1/credentials — credentials that end soon, soonest first. */
export const GET = route({
  permission: "fleet:read",
  operation: "credential.list",
  summary: "Credentials of nodes that end soon or ended unrenewed, soonest first",
  schemas: { query: CredentialListQuery },
  output: CredentialListPage,
  handle: (ctx, { query }) => endingCredentialList(ctx, query),
});
