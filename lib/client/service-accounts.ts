/** Query options and calls of service accounts, and of what somebody may do. */
import { queryOptions } from "@tanstack/react-query";
import type {
  CreatedServiceAccount,
  CreatedServiceKey,
  CreateServiceAccountBody,
  CreateServiceKeyBody,
  CreateWorkloadTrustBody,
  EffectivePermissions,
  EffectiveQuery,
  RevokeServiceRoleBody,
  RotateServiceKeyBody,
  ServiceAccountList,
  ServiceRoleBody,
  WorkloadTrustView,
} from "#lib/contracts/service-account";
import { accessKeys } from "./access.ts";
import { getJson, sendJson, trust } from "./api.ts";
import { paths } from "./paths.ts";

export const serviceAccountsOptions = () =>
  queryOptions({
    queryKey: [...accessKeys.all, "service-accounts"],
    queryFn: ({ signal }) => getJson(paths.api.serviceAccounts(), trust<ServiceAccountList>(), signal),
  });

export const effectiveOptions = (query: EffectiveQuery) =>
  queryOptions({
    queryKey: [...accessKeys.all, "effective", query],
    queryFn: ({ signal }) =>
      getJson(paths.api.effectivePermissions(query), trust<EffectivePermissions>(), signal),
  });

const nothing = trust<undefined>();
const { serviceAccount, serviceKey } = paths.api;

export const createServiceAccount = (body: CreateServiceAccountBody) =>
  sendJson(paths.api.serviceAccounts(), body, trust<CreatedServiceAccount>());
export const setServiceAccountDisabled = (id: string, disabled: boolean) =>
  sendJson(serviceAccount(id, disabled ? "disable" : "enable"), {}, nothing);
export const grantServiceRole = (id: string, body: ServiceRoleBody) =>
  sendJson(serviceAccount(id, "roles"), body, nothing);
export const revokeServiceRole = (id: string, body: RevokeServiceRoleBody) =>
  sendJson(serviceAccount(id, "roles/revoke"), body, nothing);
export const createServiceKey = (id: string, body: CreateServiceKeyBody) =>
  sendJson(serviceAccount(id, "keys"), body, trust<CreatedServiceKey>());
export const rotateServiceKey = (id: string, keyId: string, body: RotateServiceKeyBody) =>
  sendJson(serviceKey(id, keyId, "rotate"), body, trust<CreatedServiceKey>());
export const revokeServiceKey = (id: string, keyId: string) =>
  sendJson(serviceKey(id, keyId, "revoke"), {}, nothing);
export const addWorkloadTrust = (id: string, body: CreateWorkloadTrustBody) =>
  sendJson(serviceAccount(id, "trusts"), body, trust<WorkloadTrustView>());
export const removeWorkloadTrust = (id: string, trustId: string) =>
  sendJson(paths.api.workloadTrustRemove(id, trustId), {}, nothing);
