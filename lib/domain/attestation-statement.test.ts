import { describe, expect, it } from "vitest";
import type { AdmissionDecision } from "./admission.ts";
import { earClaims, inTotoStatement, type NodeStatement } from "./attestation-statement.ts";

const of = (decision: AdmissionDecision, status: NodeStatement["status"] = "trusted"): NodeStatement => ({
  nodeId: "01a20000-0000-7000-8000-000000000000",
  name: "n",
  status,
  since: "2026-06-01T00:00:00.000Z",
  reason: "Verified good",
  policyVersion: "default@1",
  baselineVersion: null,
  evidence: [
    { label: "lab", state: "trusted", observedAt: "2026-06-01T00:00:00.000Z", rawSha256: "aa" },
    { label: "cloud/cpu0", state: "failed", observedAt: "2026-06-01T00:00:00.000Z", rawSha256: "bb" },
  ],
  answer: { decision, reasons: [{ code: "status", answer: decision, text: "Because" }] },
  statedAt: "2026-06-01T12:00:00.000Z",
  verifier: { id: "https://touchstone.example", version: "1.0.0" },
});

type Predicate = { predicate: Record<string, unknown> };

describe("a statement about a node", () => {
  it("passes as a summary only what is plainly admitted: there is no warning in it", () => {
    const summaryOf = (decision: AdmissionDecision) => {
      const { predicate } = inTotoStatement("vsa", of(decision), "cc") as Predicate;
      return [predicate.verificationResult, predicate.verifiedLevels];
    };
    expect(summaryOf("allow")).toEqual(["PASSED", ["TOUCHSTONE_TRUSTED"]]);
    expect(summaryOf("warn")).toEqual(["FAILED", []]);
    expect(summaryOf("deny")).toEqual(["FAILED", []]);
  });

  it("names the node, the evidence that it rests on, and the digest of what it says", () => {
    expect(inTotoStatement("vsa", of("allow"), "cc")).toMatchObject({
      _type: "https://in-toto.io/Statement/v1",
      subject: [
        { name: "urn:touchstone:node:01a20000-0000-7000-8000-000000000000", digest: { sha256: "cc" } },
      ],
      predicate: {
        policy: { uri: "urn:touchstone:policy:default%401" },
        inputAttestations: [
          { uri: "urn:touchstone:evidence:lab", digest: { sha256: "aa" } },
          { uri: "urn:touchstone:evidence:cloud%2Fcpu0", digest: { sha256: "bb" } },
        ],
      },
    });
  });

  it("keeps the warning in a test result, and names the lines that passed and failed", () => {
    const { predicate } = inTotoStatement("test-result", of("warn"), "cc") as Predicate;
    expect(predicate).toMatchObject({
      result: "WARNED",
      passedTests: ["lab"],
      warnedTests: [],
      failedTests: ["cloud/cpu0"],
    });
  });

  it("affirms as an attestation result nothing that is not admitted, and only for five minutes", () => {
    const statusOf = (node: NodeStatement) =>
      (earClaims(node, "cc", 1_000).submods as { node: { ear_status: string } }).node.ear_status;
    expect(statusOf(of("allow"))).toBe("affirming");
    expect(statusOf(of("warn"))).toBe("warning");
    expect(statusOf(of("deny"))).toBe("contraindicated");
    expect(statusOf(of("deny", "stale"))).toBe("none");
    const { iat, exp } = earClaims(of("allow"), "cc", 1_999) as { iat: number; exp: number };
    expect([iat, exp]).toEqual([1, 301]);
  });
});
