/** Assessments that were made before: unchanged evidence and unchanged expectations cost nothing. */

import type { Assessment, ClassifiedFinding } from "#lib/domain/drift-classify";
import { fingerprintText } from "#lib/domain/drift-compare";
import { sha256 } from "./digest.ts";

/** Findings of all remembered assessments together, so that memory stays bounded. */
const MAX_FINDINGS = 50_000;
const MAX_ASSESSMENTS = 10_000;

/** Remembers assessments by all that they depend on; forgets all at once when there are too many. */
export class DriftMemo {
  readonly #known = new Map<string, Assessment>();
  #findings = 0;
  /** How often an assessment was really made. */
  made = 0;
  /** Measured entries that were compared for it, those of each baseline. */
  compared = 0;

  assess(key: string, make: () => Assessment): Assessment {
    const known = this.#known.get(key);
    if (known) return known;
    const assessment = make();
    this.made += 1;
    if (this.#findings + assessment.list.length > MAX_FINDINGS || this.#known.size >= MAX_ASSESSMENTS) {
      this.#known.clear();
      this.#findings = 0;
    }
    this.#known.set(key, assessment);
    this.#findings += assessment.list.length;
    return assessment;
  }
}

const fingerprints = new WeakMap<ClassifiedFinding, string>();

/** SHA-256 in hex that names a change; made once for a finding that many nodes share. */
export function fingerprintOf(finding: ClassifiedFinding): string {
  const known = fingerprints.get(finding);
  if (known !== undefined) return known;
  const made = sha256(fingerprintText(finding.baselineId, finding));
  fingerprints.set(finding, made);
  return made;
}
