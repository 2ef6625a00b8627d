/** How the reports of the test runners become one `N passed, N failed`. Pure. */

export type Counts = {
  passed: number;
  failed: number;
  /** Of the passed ones, those that passed on their second try only. */
  unsteady?: number;
};

const numberOf = (value: unknown): number =>
  typeof value === "number" && Number.isFinite(value) ? value : 0;

/** Vitest's JSON report. A file that failed as a whole (import, hook) counts as one failure. */
export function vitestCounts(report: unknown): Counts {
  const { numPassedTests, numFailedTests, testResults } = report as {
    numPassedTests?: number;
    numFailedTests?: number;
    testResults?: { status: string; assertionResults: { status: string }[] }[];
  };
  const brokenFiles = (testResults ?? []).filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  );
  return { passed: numberOf(numPassedTests), failed: numberOf(numFailedTests) + brokenFiles.length };
}

/**
 * Playwright's JSON report. An error outside of any test is a failure.
 *
 * A browser on a busy machine may miss a moment, so a story may be told twice; that it was is always said.
 */
export function playwrightCounts(report: unknown): Counts {
  const { stats, errors } = report as {
    stats?: { expected?: number; unexpected?: number; flaky?: number };
    errors?: unknown[];
  };
  const unsteady = numberOf(stats?.flaky);
  return {
    passed: numberOf(stats?.expected) + unsteady,
    failed: numberOf(stats?.unexpected) + (errors?.length ?? 0),
    unsteady,
  };
}

/** A report that already is `{ passed, failed }`. */
export function summaryCounts(report: unknown): Counts {
  const { passed, failed } = report as Partial<Counts>;
  return { passed: numberOf(passed), failed: numberOf(failed) };
}

/**
 * What one section adds to the total.
 *
 * A command that fails counts as at least one failure, whatever its report says; so does a section
 * that ran no test at all or left no report, because silence is not success.
 *
 * @param read null for a command that counts nothing itself: it adds a failure or nothing
 */
export function sectionCounts(section: {
  status: number;
  report: unknown;
  read: ((report: unknown) => Counts) | null;
}): Counts {
  const { status, report, read } = section;
  if (!read) return { passed: 0, failed: status === 0 ? 0 : 1 };
  const counts = report === null ? { passed: 0, failed: 0 } : read(report);
  const silent = counts.passed + counts.failed === 0;
  return { ...counts, failed: Math.max(counts.failed, status !== 0 || silent ? 1 : 0) };
}

export function total(all: readonly Counts[]): Counts {
  return {
    passed: all.reduce((sum, { passed }) => sum + passed, 0),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
  };
}
