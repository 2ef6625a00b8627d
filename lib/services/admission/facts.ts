/** The facts about a node as admission judges them. */
import type { AdmissionNodeRow } from "#db/queries/admission";
import type { AdmissionFacts } from "#lib/domain/admission";

export function factsOf(row: AdmissionNodeRow): AdmissionFacts {
  return {
    status: row.status as AdmissionFacts["status"],
    statusReason: row.statusReason,
    lifecycle: row.lifecycle as AdmissionFacts["lifecycle"],
    disposition: row.disposition as AdmissionFacts["disposition"],
    evidenceAtMs: row.evidenceAt,
    alarms: row.alarms as AdmissionFacts["alarms"],
  };
}
