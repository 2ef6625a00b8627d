/** What preparing reports needs of this installation. */
import "server-only";
import type { ReportTools } from "#lib/report/contract";
import { REPORT_FILES } from "#lib/report/formats/registry";
import { packFormat } from "#lib/services/report/pack";
import { database } from "./runtime.ts";
import { sealer } from "./secret.ts";
import { VERSION } from "./version.ts";

export function reportTools(): ReportTools {
  const pack = packFormat({ db: database(), sealer: sealer(), now: () => new Date() });
  return { formats: [...REPORT_FILES, pack], productVersion: VERSION };
}
