/** What may be told about the identity provider. */
import "server-only";
import type { GroupRoleList } from "#lib/contracts/access";
import { env } from "./env.ts";

/** `null` = local accounts only. Never the client's secret. */
export function oidcAbout(): GroupRoleList["provider"] {
  const { oidc } = env();
  return oidc && { issuer: oidc.issuer, clientId: oidc.clientId, groupsClaim: oidc.groupsClaim };
}
