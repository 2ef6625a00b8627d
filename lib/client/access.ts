/** Query options and calls of people, roles, sessions and trust domains. */
import { queryOptions } from "@tanstack/react-query";
import type {
  BegunSecondFactor,
  GrantRoleBody,
  GroupRoleBody,
  GroupRoleList,
  PersonList,
  RecoveryCodes,
  RevokeRoleBody,
  SessionList,
  StepUpBody,
  TrustDomainList,
} from "#lib/contracts/access";
import type { ConfirmRoleBody, StrongRoleList } from "#lib/contracts/strong-role";
import type { CreatedUser, CreateUserBody } from "#lib/contracts/user";
import { getJson, getUnscoped, sendJson, trust } from "./api.ts";
import { paths } from "./paths.ts";

/** Invalidate `accessKeys.all` after any change of who may do what. */
export const accessKeys = {
  all: ["access"] as const,
  people: () => [...accessKeys.all, "people"] as const,
  strongRoles: () => [...accessKeys.all, "strong-roles"] as const,
  sessions: () => [...accessKeys.all, "sessions"] as const,
  ownSessions: () => [...accessKeys.all, "own-sessions"] as const,
  domains: () => [...accessKeys.all, "domains"] as const,
  groups: () => [...accessKeys.all, "groups"] as const,
};

export const peopleOptions = () =>
  queryOptions({
    queryKey: accessKeys.people(),
    queryFn: ({ signal }) => getJson(paths.api.users(), trust<PersonList>(), signal),
  });

export const strongRolesOptions = () =>
  queryOptions({
    queryKey: accessKeys.strongRoles(),
    queryFn: ({ signal }) => getJson(paths.api.strongRoles(), trust<StrongRoleList>(), signal),
  });

export const sessionsOptions = () =>
  queryOptions({
    queryKey: accessKeys.sessions(),
    queryFn: ({ signal }) => getJson(paths.api.sessions(), trust<SessionList>(), signal),
  });

export const ownSessionsOptions = () =>
  queryOptions({
    queryKey: accessKeys.ownSessions(),
    queryFn: ({ signal }) => getUnscoped(paths.api.accountSessions(), trust<SessionList>(), signal),
  });

/** All that the person sees, whatever the scope is: the switch is made of it. */
export const trustDomainsOptions = () =>
  queryOptions({
    queryKey: accessKeys.domains(),
    queryFn: ({ signal }) => getUnscoped(paths.api.trustDomains(), trust<TrustDomainList>(), signal),
  });

export const groupRolesOptions = () =>
  queryOptions({
    queryKey: accessKeys.groups(),
    queryFn: ({ signal }) => getJson(paths.api.groupRoles(), trust<GroupRoleList>(), signal),
  });

const nothing = trust<undefined>();

export const createUser = (body: CreateUserBody) => sendJson(paths.api.users(), body, trust<CreatedUser>());
export const grantRole = (userId: string, body: GrantRoleBody) =>
  sendJson(paths.api.userRoles(userId), body, nothing);
export const revokeRole = (userId: string, body: RevokeRoleBody) =>
  sendJson(paths.api.userRoles(userId, "revoke"), body, nothing);
export const confirmRole = (userId: string, body: ConfirmRoleBody) =>
  sendJson(paths.api.userRoles(userId, "confirm"), body, nothing);
export const revokeSession = (id: string) => sendJson(paths.api.session(id), {}, nothing, "DELETE");
export const createTrustDomain = (body: { parentId: string; name: string }) =>
  sendJson(paths.api.trustDomains(), body, trust<{ id: string }>());
export const renameTrustDomain = (id: string, body: { name: string }) =>
  sendJson(paths.api.trustDomainRename(id), body, nothing);
export const addGroupRole = (body: GroupRoleBody) => sendJson(paths.api.groupRoles(), body, nothing);
export const removeGroupRole = (body: GroupRoleBody) =>
  sendJson(paths.api.groupRoles("remove"), body, nothing);
export const stepUp = (body: StepUpBody) => sendJson(paths.api.accountStepUp(), body, nothing);
export const beginSecondFactor = () =>
  sendJson(paths.api.accountSecondFactor(), {}, trust<BegunSecondFactor>());
export const confirmSecondFactor = (code: string) =>
  sendJson(paths.api.accountSecondFactor("confirm"), { code }, trust<RecoveryCodes>());
export const removeSecondFactor = () => sendJson(paths.api.accountSecondFactor(), {}, nothing, "DELETE");
