/** Which rows each measure is made of. */
import { confirmedRoles } from "#db/queries/measure-access";
import { deliveries } from "#db/queries/measure-delivery";
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
import type { Relation } from "#db/queries/measure-sql";
import {
  claims,
  evidenceAges,
  governed,
  hardwareIdentity,
  provenance,
  silence,
  watchers,
} from "#db/queries/measure-state";
import { STRONG_ROLES } from "#lib/domain/access";
import {
  CHECKPOINT_MS,
  CONFIRMATION_MS,
  DELIVERY_MS,
  DEVIATION_MS,
  DRIFT_OPEN_MS,
  DRILL_MS,
  FRESHNESS_MS,
  KEY_AGE_MS,
  LEAF_MS,
  RESPONSE_MS,
  RESTORE_MS,
} from "#lib/domain/measure/limits";
import type { Measure } from "#lib/domain/measure/measure";

/** Two measures say the same about it: how many are fresh, and how old it is. */
const AGES = evidenceAges(FRESHNESS_MS);

/** By id. */
export const RELATIONS: Readonly<Record<string, Relation>> = {
  M01: AGES,
  M02: trustedTime,
  M03: silence,
  M04: claims("executables", ["boot", "secure_boot", "kernel", "cmdline"]),
  M05: claims("hardware", ["firmware"]),
  M06: claims("file-system", ["ima_file", "container_runtime", "image", "config"]),
  M07: governed,
  M08: detections(FRESHNESS_MS),
  M09: openChanges(DRIFT_OPEN_MS),
  M10: deviationTerms(DEVIATION_MS),
  M11: responses(RESPONSE_MS),
  M12: restores(RESTORE_MS),
  M13: fourEyes,
  M14: admissions,
  M15: hardwareIdentity,
  M16: inventory,
  M17: sourceKeys(KEY_AGE_MS),
  M18: checkpoints(CHECKPOINT_MS),
  M19: leaves(LEAF_MS),
  M21: confirmedRoles(STRONG_ROLES, CONFIRMATION_MS),
  M20: deliveries(DELIVERY_MS),
  M22: provenance,
  M23: reviews,
  M24: watchers,
  M25: rehearsals(DRILL_MS),
  "evidence-age": AGES,
  acknowledge: acknowledgements,
  contain: containments,
  redrift: recurrences,
  "exception-debt": deviationAges,
  enrolment: enrolments,
  "time-to-trust": timesToTrust,
};

/** `undefined` = the measure cannot be computed. */
export function relationOf({ kind, id }: Measure): Relation | undefined {
  return kind === "unavailable" ? undefined : RELATIONS[id];
}
