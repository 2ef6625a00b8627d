import { describe, expect, test } from "vitest";
import { BOOTSTRAP_EVENT_TYPES } from "#lib/domain/bootstrap-event";
import { bootstrapStages, eventWords, STAGES } from "./bootstrap-stages.ts";

const event = (
  type: string,
  at: string,
  outcome: "success" | "failure" | "denied" | "pending" = "success",
) => ({
  type,
  outcome,
  occurredAt: at,
  reasonCode: null,
  reasonText: null,
});

describe("bootstrapStages", () => {
  test("says nothing about stages without an event", () => {
    const stages = bootstrapStages([], null, null);
    expect(stages.map(({ state }) => state)).toEqual(STAGES.map(() => "unknown"));
    expect(stages.every(({ atMs, afterMs }) => atMs === null && afterMs === null)).toBe(true);
  });

  test("a later stage does not prove an earlier one", () => {
    const stages = bootstrapStages([event("enrollment.credential_issued", "2026-11-01T00:00:00Z")], 1, null);
    expect(stages.map(({ state }) => state)).toEqual([
      "unknown",
      "unknown",
      "unknown",
      "done",
      "done",
      "unknown",
    ]);
  });

  test("measures the time from the nearest stage that was reached", () => {
    const t = Date.parse("2026-11-01T00:00:00Z");
    const stages = bootstrapStages(
      [
        event("enrollment.credential_issued", "2026-11-01T00:05:00Z"),
        event("provisioning.discovered", "2026-11-01T00:00:00Z"),
      ],
      t + 360_000,
      null,
    );
    expect(stages[3]?.afterMs).toBe(300_000);
    expect(stages[4]?.afterMs).toBe(60_000);
  });

  test("the last word of a stage decides whether it failed", () => {
    const denied = event("enrollment.denied", "2026-11-01T00:02:00Z", "denied");
    const asked = event("enrollment.requested", "2026-11-01T00:01:00Z");
    const approved = event("enrollment.approved", "2026-11-01T00:03:00Z");
    expect(bootstrapStages([asked, denied], null, null)[2]?.state).toBe("failed");
    expect(bootstrapStages([approved, denied, asked], null, null)[2]?.state).toBe("done");
  });

  test("a request that was followed by its credential is no longer pending", () => {
    const asked = event("enrollment.requested", "2026-11-01T00:01:00Z", "pending");
    const issued = event("enrollment.credential_issued", "2026-11-01T00:02:00Z");
    expect(bootstrapStages([asked], null, null)[2]?.state).toBe("pending");
    expect(bootstrapStages([asked, issued], null, null)[2]?.state).toBe("done");
  });

  test("every event type reads as words", () => {
    for (const type of BOOTSTRAP_EVENT_TYPES) expect(eventWords(type)).toMatch(/^[A-Z][a-z ]+$/);
  });
});
