/** The measures of the product, in the order in which people read them. */
import { EVIDENCE_MEASURES } from "./evidence-measures.ts";
import { GOVERNANCE_MEASURES } from "./governance-measures.ts";
import type { Measure } from "./measure.ts";
import { METRICS } from "./metrics.ts";

/** Version of the definitions; it changes when any of them means something else. */
export const MEASURE_CATALOGUE_VERSION = "2";

export const MEASURES: readonly Measure[] = [...EVIDENCE_MEASURES, ...GOVERNANCE_MEASURES];

/** Measures and the figures that only people watch. */
export const ALL_MEASURES: readonly Measure[] = [...MEASURES, ...METRICS];

const BY_ID = new Map(ALL_MEASURES.map((measure) => [measure.id, measure]));

export function measureById(id: string): Measure | undefined {
  return BY_ID.get(id);
}

/** What the page of figures shows: how well the fleet was watched, and how fast people answered. */
export const WATCHED = [
  "M02",
  "M01",
  "evidence-age",
  "M08",
  "acknowledge",
  "contain",
  "M12",
  "redrift",
  "exception-debt",
  "enrolment",
  "time-to-trust",
] as const;
