import { describe, expect, it } from "vitest";
import type { RemediationDetail } from "#lib/contracts/remediation";
import { raceSentence } from "./remediation-race.ts";

const NOW = Date.parse("2026-11-28T03:00:08.000Z");
type Vote = RemediationDetail["votes"][number];
const vote = (more: Partial<Vote>): Vote => ({
  email: "ana@example.test",
  mine: false,
  decision: "approve",
  reason: "Looked at the evidence.",
  at: "2026-11-28T03:00:00.000Z",
  planHash: "0".repeat(64),
  void: null,
  ...more,
});

describe("raceSentence", () => {
  it("says nothing while there is something to decide", () => {
    expect(raceSentence({ state: "pending", votes: [vote({})], outcome: null }, NOW)).toBeNull();
  });

  it("names who was faster, what they said and when", () => {
    expect(raceSentence({ state: "approved", votes: [vote({})], outcome: null }, NOW)).toBe(
      "Already approved by ana@example.test 8 s ago.",
    );
    const votes = [
      vote({ at: "2026-11-28T02:59:00.000Z" }),
      vote({ decision: "deny", email: "bo@example.test" }),
    ];
    expect(raceSentence({ state: "denied", votes, outcome: "Denied." }, NOW)).toBe(
      "Already denied by bo@example.test 8 s ago.",
    );
  });

  it("says nothing to the one whose vote it was", () => {
    expect(raceSentence({ state: "approved", votes: [vote({ mine: true })], outcome: null }, NOW)).toBeNull();
  });

  it("tells an end without a vote by its outcome", () => {
    const outcome = "Nobody approved it within an hour.";
    expect(raceSentence({ state: "expired", votes: [], outcome }, NOW)).toBe(outcome);
    expect(raceSentence({ state: "cancelled", votes: [vote({})], outcome: "Taken back." }, NOW)).toBe(
      "Taken back.",
    );
  });

  it("shows invisible characters of a name", () => {
    const votes = [vote({ email: "a\u202Eb@example.test" })];
    expect(raceSentence({ state: "approved", votes, outcome: null }, NOW)).toContain("\\u{202E}");
  });
});
