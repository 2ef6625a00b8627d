/** Query options and calls of the audit log. */
import { queryOptions } from "@tanstack/react-query";
import type { AuditCheck, AuditFilterQuery, AuditLogList, AuditPage } from "#lib/contracts/audit";
import { getJson, sendJson, trust } from "./api.ts";
import { paths } from "./paths.ts";
import { shownInstant, type TimeTravel } from "./time-travel.ts";

/** What has just been done should be seen soon. */
const LOOK_AGAIN_MS = 15_000;

export type AuditSearch = Partial<Pick<AuditFilterQuery, (typeof AUDIT_FIELDS)[number]>>;

/** What the page filters by; each is a parameter of its address. */
export const AUDIT_FIELDS = [
  "entry",
  "object",
  "actor",
  "action",
  "entityId",
  "outcome",
  "address",
  "requestId",
  "from",
  "to",
] as const;

/** The entries about an object, up to the instant that is shown. @param object as the API names it */
export const activitySearch = (object: string, time: TimeTravel): AuditSearch => ({
  object,
  to: shownInstant(time) ?? undefined,
});

export const firstEntries = { limit: 50 };

export const auditListOptions = (search: AuditSearch, cursor: string | null) =>
  queryOptions({
    queryKey: ["audit", "list", search, cursor] as const,
    queryFn: ({ signal }) =>
      getJson(paths.api.audit({ ...search, cursor, ...firstEntries }), trust<AuditPage>(), signal),
    refetchInterval: LOOK_AGAIN_MS,
  });

export const auditLogsOptions = () =>
  queryOptions({
    queryKey: ["audit", "logs"] as const,
    queryFn: ({ signal }) => getJson(paths.api.auditLogs(), trust<AuditLogList>(), signal),
    refetchInterval: LOOK_AGAIN_MS,
  });

export function checkAuditLogs(): Promise<AuditCheck> {
  return sendJson(paths.api.auditVerify(), {}, trust<AuditCheck>());
}
