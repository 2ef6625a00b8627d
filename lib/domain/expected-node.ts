/** Nodes that somebody counts on: silence is the failure that no event ever tells. */

export type ExpectationLimits = {
  /** From being listed to being provisioned. */
  provisionMs: number;
  /** From being provisioned to having enrolled. */
  enrolMs: number;
};

/** An hour to be provisioned, ten minutes to enrol after that. */
const EXPECTATION_LIMITS: ExpectationLimits = { provisionMs: 3_600_000, enrolMs: 600_000 };

export type Expectation = {
  createdMs: number;
  /** When the operator counts on it at the latest; `null` = not stated. */
  expectedByMs: number | null;
  /** When its provisioning was completed; `null` = not yet, or nobody told. */
  provisionedMs: number | null;
  /** When it enrolled or was first appraised; `null` = it has not. */
  enrolledMs: number | null;
};

export type ExpectationState =
  | { state: "enrolled" }
  | { state: "expected"; dueMs: number }
  | { state: "overdue"; dueMs: number; reason: string };

/** Whether the node has come, is still in time, or never came. */
export function expectationAt(
  { createdMs, expectedByMs, provisionedMs, enrolledMs }: Expectation,
  nowMs: number,
  limits: ExpectationLimits = EXPECTATION_LIMITS,
): ExpectationState {
  if (enrolledMs !== null) return { state: "enrolled" };
  const dueMs =
    provisionedMs === null
      ? (expectedByMs ?? createdMs + limits.provisionMs)
      : provisionedMs + limits.enrolMs;
  if (nowMs < dueMs) return { state: "expected", dueMs };
  const reason =
    provisionedMs === null
      ? "Expected, but nothing was heard of it"
      : "Provisioned, but it never enrolled and no verifier has appraised it";
  return { state: "overdue", dueMs, reason };
}
