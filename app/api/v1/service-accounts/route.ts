import {
  CreatedServiceAccount,
  CreateServiceAccountBody,
  ServiceAccountList,
} from "#lib/contracts/service-account";
import { env } from "#lib/server/env";
import { route } from "#lib/server/http/route";
import { createServiceAccount } from "#lib/services/service-account/create";
import { serviceAccountList } from "#lib/services/service-account/list";

/** GET /api/v1/service-accounts — programs that may act here, with their roles and keys. */
export const GET = route({
  permission: "user:read",
  operation: "service_account.list",
  summary: "Service accounts",
  schemas: {},
  output: ServiceAccountList,
  handle: (ctx) => serviceAccountList(ctx, env().workloadIssuers),
});

/** POST /api/v1/service-accounts — a principal for a program; the caller owns it. */
export const POST = route({
  permission: "user:manage",
  stepUp: true,
  operation: "service_account.create",
  summary: "Create a service account",
  schemas: { body: CreateServiceAccountBody },
  output: CreatedServiceAccount,
  status: 201,
  handle: (ctx, { body }) => createServiceAccount(ctx, body),
});
