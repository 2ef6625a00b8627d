/** Which rows each measure is made of. */
import type { SQL } from "drizzle-orm";
import { containments, detections, responses, restores, trustedTime } from "#db/queries/measure-line";
import {
  acknowledgements,
  admissions,
  checkpoints,
  deviationAges,
  deviationTerms,
  enrolments,
  fourEyes,
  inventory,
  leaves,
  openChanges,
  recurrences,
  rehearsals,
  reviews,
  sourceKeys,
  timesToTrust,
} from "#db/queries/measure-record";
import type { MeasureWindow } from "#db/queries/measure-sql";
import {
  claims,
  evidenceAges,
  governed,
  hardwareIdentity,
  silence,
  watchers,
} from "#db/queries/measure-state";
import type { Scope } from "#db/queries/sql";
import { CLAIMS } from "#lib/domain/ar4si";
import {
  CHECKPOINT_MS,
  DEVIATION_MS,
  DRIFT_OPEN_MS,
  DRILL_MS,
  FRESHNESS_MS,
  KEY_AGE_MS,
  LEAF_MS,
  RESPONSE_MS,
  RESTORE_MS,
} from "#lib/domain/measure/limits";

export type Relation = (scope: Scope, window: MeasureWindow) => SQL;

const place = (claim: (typeof CLAIMS)[number]) => CLAIMS.indexOf(claim);

/** By id. A measure without a relation is one that cannot be computed. */
export const RELATIONS: Readonly<Record<string, Relation>> = {
  M01: (scope, window) => evidenceAges(scope, window, FRESHNESS_MS),
  M02: trustedTime,
  M03: silence,
  M04: (scope, window) =>
    claims(scope, window, place("executables"), ["boot", "secure_boot", "kernel", "cmdline"]),
  M05: (scope, window) => claims(scope, window, place("hardware"), ["firmware"]),
  M06: (scope, window) =>
    claims(scope, window, place("file-system"), ["ima_file", "container_runtime", "image", "config"]),
  M07: governed,
  M08: (scope, window) => detections(scope, window, FRESHNESS_MS),
  M09: (scope, window) => openChanges(scope, window, DRIFT_OPEN_MS),
  M10: (scope, window) => deviationTerms(scope, window, DEVIATION_MS),
  M11: (scope, window) => responses(scope, window, RESPONSE_MS),
  M12: (scope, window) => restores(scope, window, RESTORE_MS),
  M13: fourEyes,
  M14: admissions,
  M15: hardwareIdentity,
  M16: inventory,
  M17: (scope, window) => sourceKeys(scope, window, KEY_AGE_MS),
  M18: (scope, window) => checkpoints(scope, window, CHECKPOINT_MS),
  M19: (scope, window) => leaves(scope, window, LEAF_MS),
  M23: reviews,
  M24: watchers,
  M25: (scope, window) => rehearsals(scope, window, DRILL_MS),
  "evidence-age": (scope, window) => evidenceAges(scope, window, FRESHNESS_MS),
  acknowledge: acknowledgements,
  contain: containments,
  redrift: recurrences,
  "exception-debt": deviationAges,
  enrolment: enrolments,
  "time-to-trust": timesToTrust,
};
