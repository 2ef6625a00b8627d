/** Reports that are made up, for tests of what is made of a report. */

import { NO_TOTALS } from "#lib/domain/measure/measure";
import { addUp, openLimitOf } from "#lib/domain/report/add-up";
import type { ReportMeasure, ReportRow, ReportSnapshot } from "#lib/domain/report/snapshot";
import { reportTotals } from "#lib/domain/report/snapshot";

const DOMAIN = "7d3c5a20-0000-4000-8000-000000000001";
const NODE = "7d3c5a20-0000-4000-8000-000000000002";

export function aRow(more: Partial<ReportRow> = {}): ReportRow {
  return {
    ...{ kind: "node", key: NODE, nodeId: NODE, name: "web-1", verdict: "met", weight: 1, value: null },
    ...{ at: "2026-03-01T12:10:00.000Z", detail: "trusted" },
    ...more,
  };
}

export function aMeasure(more: Partial<ReportMeasure> = {}): ReportMeasure {
  return {
    ...{ id: "M01", title: "Coverage", question: "Which part of the nodes gave evidence?", kind: "share" },
    ...{
      unit: "nodes",
      better: "higher",
      threshold: 1,
      how: "Nodes are counted.",
      notCovered: "What they say.",
    },
    ...{ result: "satisfied", reason: null },
    ...{ totals: reportTotals(NO_TOTALS), previous: reportTotals(NO_TOTALS) },
    ...more,
  };
}

/** Totals are those of the rows, unless measures are given with others. */
export function aSnapshot(more: Partial<ReportSnapshot> = {}): ReportSnapshot {
  const { measures = [aMeasure()], rows = { M01: [aRow()] } } = more;
  return {
    format: "touchstone-report/1",
    id: "7d3c5a20-0000-4000-8000-000000000003",
    title: "First quarter",
    framework: {
      ...{ id: "nist-800-53-r5", title: "NIST SP 800-53", edition: "Revision 5", caution: null },
      mappingVersion: "1",
    },
    scope: { domains: [{ id: DOMAIN, name: "example" }], q: "" },
    period: { from: "2026-01-01T00:00:00.000Z", to: "2026-03-01T13:00:00.000Z" },
    knownAt: "2026-03-01T13:00:00.000Z",
    generatedAt: "2026-03-01T13:00:02.000Z",
    productVersion: "1.2.3",
    catalogueVersion: "1",
    policies: [],
    baselines: [
      {
        ...{
          domainId: DOMAIN,
          name: "workers",
          version: 3,
          digest: "ab".repeat(32),
          selector: "",
          percent: 100,
        },
        ...{ from: "2025-12-01T00:00:00.000Z", to: null },
      },
    ],
    controls: [
      {
        ...{ id: "SI-7", line: "Integrity is verified", notCovered: "Applications", status: "pass" },
        ...{ previousStatus: "no_evidence", measures: ["M01"] },
        notes: [
          {
            ...{ id: "7d3c5a20-0000-4000-8000-000000000004", kind: "exception", verdict: null },
            ...{ reason: "The board is replaced in spring.", madeBy: "ada@example.test" },
            ...{ madeAt: "2026-02-01T00:00:00.000Z", expiresAt: "2026-06-01T00:00:00.000Z" },
          },
        ],
      },
    ],
    ...more,
    measures: measures.map((measure) => {
      const found = rows[measure.id] ?? [];
      const totals = addUp(found, found.length, openLimitOf(measure));
      return { ...measure, totals: reportTotals(totals) };
    }),
    rows,
  };
}
