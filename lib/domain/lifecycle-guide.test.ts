import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FORBIDDEN_EDGES, type GuardName, TRANSITIONS } from "./lifecycle-table.ts";
import { STATE_TIMEOUTS } from "./lifecycle-walk.ts";

const guide = readFileSync(join(import.meta.dirname, "../../docs/guide/lifecycle.md"), "utf8");

const NEEDS: Record<GuardName, string> = {
  sourceIntroducesNodes: "the source may introduce nodes",
  credentialIsBound: "the credential is the node's",
  enrollmentIsLost: "denied, timed out, or failed five times",
  evidenceIsComplete: "fresh evidence, baseline, key, every verifier passes",
  trustIsRegained: "the same, twice in a row; an anomaly is acknowledged",
  containmentIsWarranted: "approved, allowed by policy, break-glass, or banned from outside",
  containmentIsObserved: "every containment step was observed",
  abortIsSafe: "approved, rollback verified",
  releaseIsApproved: "two approvers other than the requester, evidence hold cleared",
  reprovisioningIsApproved: "approved, drained or contained, traces of a compromise kept",
  rebuildIsClean: "new incarnation, old credentials revoked, wipe recorded",
  neverHadCredential: "no credential was ever issued",
  failedWhileEnrolling: "it failed while enrolling",
  decommissioningIsApproved: "approved; from quarantine also evidence hold cleared",
  nothingIsLeft: "identity invalid, external objects gone, wipe recorded",
};

const TABLE = [
  "| id | from | to | on | by | needs |",
  "|---|---|---|---|---|---|",
  ...TRANSITIONS.map(
    ({ id, from, to, on, by, guard }) =>
      `| ${id} | ${from.join(", ")} | ${to} | ${on.map((type) => `\`${type}\``).join(", ")} | ${by} | ${guard ? NEEDS[guard] : ""} |`,
  ),
].join("\n");

const FORBIDDEN = [
  "| id | from | to | why |",
  "|---|---|---|---|",
  ...FORBIDDEN_EDGES.map(({ id, from, to, why }) => `| ${id} | ${from} | ${to} | ${why} |`),
].join("\n");

describe("the guide of the life cycle", () => {
  it("holds every transition and forbidden edge as the table has them", () => {
    expect(guide).toContain(TABLE);
    expect(guide).toContain(FORBIDDEN);
  });

  it("states every timer with its time", () => {
    for (const [state, { afterMs, type }] of Object.entries(STATE_TIMEOUTS)) {
      expect(guide).toContain(`| ${state} | ${afterMs / 60_000} minutes | \`${type}\` |`);
    }
  });
});
