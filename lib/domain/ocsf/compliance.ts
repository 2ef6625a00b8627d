/** Controls of frozen reports as OCSF Compliance Finding (2003). */
import type { ControlFact, FeedItem } from "#lib/domain/feed/fact";
import { type Emitter, type EventClass, eventOf, type OcsfEvent, type Severity } from "./event.ts";

const CLASS: EventClass = {
  uid: 2003,
  name: "Compliance Finding",
  categoryUid: 2,
  categoryName: "Findings",
  activities: { 1: "Create" },
};

const PASS = { status_id: 1, status: "Pass" };
const WARNING = { status_id: 2, status: "Warning" };
const FAIL = { status_id: 3, status: "Fail" };
const other = (status: string) => ({ status_id: 99, status });

const NEW = { status_id: 1, status: "New" };
const SUPPRESSED = { status_id: 3, status: "Suppressed" };
const RESOLVED = { status_id: 4, status: "Resolved" };

type Said = { result: object; finding: object; severity: Severity; words: string };

/** The class knows three results; what neither passed nor failed is a warning, and says which it is. */
const STATUSES: Readonly<Record<ControlFact["status"], Said>> = {
  pass: { result: PASS, finding: RESOLVED, severity: "informational", words: "Pass" },
  fail: { result: FAIL, finding: NEW, severity: "high", words: "Fail" },
  no_evidence: { result: WARNING, finding: NEW, severity: "medium", words: "No evidence" },
  manual: { result: WARNING, finding: NEW, severity: "low", words: "To be checked by people" },
  not_applicable: {
    result: other("Not applicable"),
    finding: SUPPRESSED,
    severity: "informational",
    words: "Does not apply",
  },
};

const CHECKS = {
  satisfied: PASS,
  not_satisfied: FAIL,
  no_data: WARNING,
  watched: other("Watched only"),
} as const;

/** A report is frozen, so its findings are never updated: the next report makes new ones. */
export function complianceFindingOf(item: FeedItem, fact: ControlFact, emitter: Emitter): OcsfEvent {
  const { reportId, reportTitle, framework, control, status, previousStatus, measures } = fact;
  const { result, finding, severity, words } = STATUSES[status];
  const standards = [`${framework.title} ${framework.edition}`];
  const title = `${control.id} of ${framework.title}: ${words}`;
  return eventOf(CLASS, item, fact.kind, emitter, {
    activityId: 1,
    severity,
    message: `${title}, in the report ${reportTitle}`,
    timeMs: item.atMs,
    attributes: {
      ...finding,
      start_time: fact.fromMs,
      end_time: fact.toMs,
      finding_info: {
        uid: `${reportId}/${control.id}`,
        title,
        desc: control.line,
        types: [status],
        created_time: item.atMs,
      },
      compliance: {
        ...result,
        control: control.id,
        desc: control.line,
        standards,
        status_details: [words, ...(fact.notCovered === "" ? [] : [`Not covered: ${fact.notCovered}`])],
        checks: measures.map(({ id, title: name, result: found }) => ({
          ...{ uid: id, name, standards },
          ...CHECKS[found ?? "watched"],
        })),
      },
      resources: [{ uid: item.trustDomainId, type: "trust domain" }],
    },
    unmapped: {
      control_status: status,
      ...(previousStatus && { previous_control_status: previousStatus }),
      report_id: reportId,
      framework_id: framework.id,
      known_at: fact.knownMs,
    },
  });
}
