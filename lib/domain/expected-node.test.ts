import { describe, expect, it } from "vitest";
import { callerOf } from "./caller.ts";
import { expectationAt } from "./expected-node.ts";

const never = { createdMs: 0, expectedByMs: null, provisionedMs: null, enrolledMs: null };
const MINUTE = 60_000;

describe("an expected node", () => {
  it("is overdue an hour after it was listed when nobody said when it is due", () => {
    expect(expectationAt(never, 60 * MINUTE - 1)).toEqual({ state: "expected", dueMs: 60 * MINUTE });
    expect(expectationAt(never, 60 * MINUTE)).toMatchObject({ state: "overdue", dueMs: 60 * MINUTE });
  });

  it("is overdue at the instant that the operator counts on it", () => {
    expect(expectationAt({ ...never, expectedByMs: 5 }, 4)).toMatchObject({ state: "expected" });
    expect(expectationAt({ ...never, expectedByMs: 5 }, 5)).toMatchObject({ state: "overdue" });
  });

  it("has ten minutes from its provisioning to enrol, and the reason says which step is missing", () => {
    const provisioned = { ...never, provisionedMs: 30 * MINUTE };
    expect(expectationAt(provisioned, 40 * MINUTE - 1)).toMatchObject({ state: "expected" });
    expect(expectationAt(provisioned, 40 * MINUTE)).toMatchObject({
      state: "overdue",
      reason: expect.stringContaining("Provisioned"),
    });
    expect(expectationAt(never, 99 * MINUTE)).toMatchObject({
      reason: expect.stringContaining("nothing was heard"),
    });
  });

  it("is not overdue once it enrolled, however late", () => {
    expect(expectationAt({ ...never, enrolledMs: 1 }, 999 * MINUTE)).toEqual({ state: "enrolled" });
  });
});

describe("a caller", () => {
  it.each([
    ["10.0.0.7:40024", "10.0.0.7"],
    ["10.0.0.7", "10.0.0.7"],
    ["[2001:db8::7]:443", "2001:db8::7"],
    ["[2001:db8::7]", "2001:db8::7"],
    ["2001:db8::7", "2001:db8::7"],
    ["host.example:22", "host.example"],
    ["unix", "unix"],
  ])("%s is %s", (address, caller) => {
    expect(callerOf(address)).toBe(caller);
  });

  it("that is not stated stays unknown", () => {
    expect(callerOf(null)).toBeNull();
  });
});
