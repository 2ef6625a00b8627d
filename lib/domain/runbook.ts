/** Which page under `docs/runbooks/` says what to do: by action, by alarm, and by how a step failed. */
import type { RemediationAction } from "./remediation.ts";

export const ACTION_RUNBOOKS: Readonly<Record<RemediationAction, string>> = {
  quarantine: "quarantine",
  release: "release",
  reprovision: "reprovision",
  rekey: "rekey",
  decommission: "decommission",
  rollback: "rollback",
};

/** How to find out whether a recipe works before it is needed. */
export const DRILL_RUNBOOK = "drill";

export const ALARM_RUNBOOKS = {
  incomplete: "remediation-incomplete",
  drifted: "containment-drifted",
} as const;

/** By the kind of failure that a connector tells, and by our own steps. */
export const FAILURE_RUNBOOKS = {
  unauthorized: "connector-unauthorized",
  refused: "connector-refused",
  unreachable: "connector-unreachable",
  timeout: "outcome-unknown",
  unknown: "outcome-unknown",
  verdict: "no-fresh-verdict",
  life_cycle: "life-cycle-refuses",
} as const;
