/** Writing down that a report is wanted; whoever prepares it finds it there. */
import type { Tx } from "#db/client";
import { reportInsert } from "#db/queries/report";
import type { EvidenceWanted, ReportFormatId } from "#lib/domain/report/report";
import { uuidv7 } from "#lib/services/uuidv7";

type Wanted = {
  trustDomainId: string;
  title: string;
  framework: string | null;
  domains: string[];
  q: string;
  periodFrom: Date;
  periodTo: Date;
  knownAt: Date;
  /** `null` = every file. */
  formats: ReportFormatId[] | null;
  evidence: EvidenceWanted;
  /** Says nothing of the time before its period. */
  confined: boolean;
  askedBy: string;
  askedAt: Date;
};

/** @returns the id of the report */
export async function insertWanted(tx: Tx, wanted: Wanted): Promise<string> {
  const id = uuidv7(wanted.askedAt);
  await reportInsert(tx, { ...wanted, id, state: "WAITING", done: 0, total: 0, attempts: 0 });
  return id;
}
