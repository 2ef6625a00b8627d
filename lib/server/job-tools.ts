/** What the jobs need of this installation, put together once for both processes that run them. */
import "server-only";
import type { JobTools } from "#lib/jobs/worker";
import { logKeeper } from "./audit-log.ts";
import { notifyTools } from "./notify.ts";
import { executionTools, remediationTools } from "./remediation-tools.ts";
import { reportTools } from "./reports.ts";
import { sinkTools } from "./sinks.ts";

export function jobTools(): JobTools {
  return {
    auditLog: logKeeper(),
    remediation: remediationTools(),
    execution: executionTools(),
    notify: notifyTools(),
    sinks: sinkTools(),
    reports: reportTools(),
  };
}
