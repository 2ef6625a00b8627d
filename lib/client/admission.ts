/** Query options and calls of admission. */
import { queryOptions } from "@tanstack/react-query";
import type {
  AdmissionRecords,
  AdmissionRuleSet,
  AdmissionRules,
  SetAdmissionRuleBody,
} from "#lib/contracts/admission";
import { getJson, sendJson, trust } from "./api.ts";
import { fleetKeys } from "./fleet.ts";
import { paths } from "./paths.ts";

/** Rows of the record on the page; the API has more. */
export const RECORDS_SHOWN = 50;

export const admissionKeys = {
  all: [...fleetKeys.all, "admission"] as const,
  rules: () => [...admissionKeys.all, "rules"] as const,
  records: () => [...admissionKeys.all, "records"] as const,
};

export const admissionRulesOptions = () =>
  queryOptions({
    queryKey: admissionKeys.rules(),
    queryFn: ({ signal }) => getJson(paths.api.admissionRules(), trust<AdmissionRules>(), signal),
  });

export const admissionRecordsOptions = () =>
  queryOptions({
    queryKey: admissionKeys.records(),
    queryFn: ({ signal }) =>
      getJson(paths.api.admissionRecords({ limit: RECORDS_SHOWN }), trust<AdmissionRecords>(), signal),
  });

export function setAdmissionRule(body: SetAdmissionRuleBody): Promise<AdmissionRuleSet> {
  return sendJson(paths.api.admissionRules(), body, trust<AdmissionRuleSet>(), "PUT");
}
