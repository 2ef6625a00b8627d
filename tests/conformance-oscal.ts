/** Validates the OSCAL documents that we write against the published schema, where it is at hand. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import fc from "fast-check";
import { z } from "zod";
import { FRAMEWORKS } from "#lib/domain/measure/frameworks";
import type { ReportSnapshot } from "#lib/domain/report/snapshot";
import { assessmentResults } from "#lib/report-pack/oscal";
import { componentDefinition } from "#lib/report-pack/oscal-component";
import { controlToken, statementToken } from "#lib/report-pack/oscal-parts";
import { anySnapshot, sampleSnapshot, smallSnapshot } from "./pack-samples.ts";

const SCHEMA = "standards/oscal_complete_schema-1-2-2.json";
const CATALOGUE = "standards/nist-800-53-attestation-subset.json";
/** Reports that are made by chance. */
const CASES = 200;

const Catalogue = z.object({
  controls: z.array(z.object({ id: z.string(), statementIds: z.array(z.string()) })),
});

export type OscalReport = { lines: string[]; passed: number; failed: number };

/** @returns `null` when the folder holds no schema */
export function runOscalSchema(fixtures: string): OscalReport | null {
  const path = join(fixtures, SCHEMA);
  if (!existsSync(path)) return null;
  const report: OscalReport = { lines: [], passed: 0, failed: 0 };
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const validate = ajv.compile(JSON.parse(readFileSync(path, "utf8")));
  for (const [name, document] of snapshots().flatMap(documentsOf)) {
    if (validate(document)) {
      report.passed += 1;
      continue;
    }
    report.failed += 1;
    // The schema is one of eight roots; only what it says of this one is of interest.
    const faults = (validate.errors ?? []).filter(({ instancePath }) => instancePath.startsWith(`/${name}`));
    const told = faults.slice(0, 10).map(({ instancePath, message }) => `${instancePath} ${message}`);
    report.lines.push(`FAIL oscal ${name}: ${told.join("; ")}`);
  }
  checkIds(join(fixtures, CATALOGUE), report);
  return report;
}

function snapshots(): ReportSnapshot[] {
  return [
    smallSnapshot(),
    ...FRAMEWORKS.map((framework) => sampleSnapshot(framework, () => [])),
    ...fc.sample(anySnapshot, { numRuns: CASES, seed: 1 }),
  ];
}

function documentsOf(snapshot: ReportSnapshot): [name: string, document: object][] {
  const { framework } = snapshot;
  if (!framework) return [];
  return [
    ["assessment-results", assessmentResults(snapshot, framework)],
    ["component-definition", componentDefinition(snapshot, framework)],
  ];
}

/** Controls of NIST's catalogue that it does hold must be named as it names them. */
function checkIds(path: string, report: OscalReport): void {
  if (!existsSync(path)) return;
  const { controls } = Catalogue.parse(JSON.parse(readFileSync(path, "utf8")));
  const statements = new Map(controls.map(({ id, statementIds }) => [id, statementIds]));
  const nist = FRAMEWORKS.find(({ id }) => id.startsWith("nist-800-53"));
  for (const { id } of nist?.controls ?? []) {
    const token = nist ? controlToken(nist, id) : "";
    const known = statements.get(token)?.includes(statementToken(token)) ?? false;
    report[known ? "passed" : "failed"] += 1;
    if (!known)
      report.lines.push(`FAIL oscal ${id}: the catalogue has no statement ${statementToken(token)}`);
  }
}
