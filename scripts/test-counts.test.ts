import { describe, expect, it } from "vitest";

import { playwrightCounts, sectionCounts, summaryCounts, total, vitestCounts } from "./test-counts.ts";

const passing = { numPassedTests: 3, numFailedTests: 0, testResults: [] };

describe("vitestCounts", () => {
  it("counts tests, and a file that broke as a whole as one failure", () => {
    const report = {
      numPassedTests: 5,
      numFailedTests: 1,
      testResults: [
        { status: "passed", assertionResults: [{ status: "passed" }] },
        { status: "failed", assertionResults: [{ status: "failed" }] },
        { status: "failed", assertionResults: [] },
        { status: "failed", assertionResults: [{ status: "passed" }] },
      ],
    };
    expect(vitestCounts(report)).toEqual({ passed: 5, failed: 3 });
  });
});

describe("playwrightCounts", () => {
  it("takes errors outside of tests for failures, and tells what passed on its second try only", () => {
    const report = {
      stats: { expected: 4, unexpected: 1, flaky: 1, skipped: 2 },
      errors: [{ message: "x" }],
    };
    expect(playwrightCounts(report)).toEqual({ passed: 5, failed: 2, unsteady: 1 });
  });
});

describe("sectionCounts", () => {
  it("passes a section only when its command succeeded and something ran", () => {
    expect(sectionCounts({ status: 0, report: passing, read: vitestCounts })).toEqual({
      passed: 3,
      failed: 0,
    });
  });

  it.each([
    [
      "a command that failed although all its tests passed",
      { status: 1, report: passing, read: vitestCounts },
      3,
    ],
    ["a command that left no report", { status: 0, report: null, read: vitestCounts }, 0],
    ["a run without a single test", { status: 0, report: {}, read: playwrightCounts }, 0],
    ["a report that is not one", { status: 0, report: { passed: "many" }, read: summaryCounts }, 0],
    ["a failed build", { status: 1, report: null, read: null }, 0],
  ])("counts %s as one failure", (_what, section, passed) => {
    expect(sectionCounts(section)).toMatchObject({ passed, failed: 1 });
  });

  it("adds nothing for a successful command that counts nothing", () => {
    expect(sectionCounts({ status: 0, report: null, read: null })).toEqual({ passed: 0, failed: 0 });
  });
});

describe("total", () => {
  it("sums over all sections", () => {
    expect(
      total([
        { passed: 1, failed: 0 },
        { passed: 2, failed: 3 },
      ]),
    ).toEqual({ passed: 3, failed: 3 });
  });
});
