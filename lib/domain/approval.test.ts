import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  APPROVER_GROUPS,
  type ApprovalRequest,
  type ApprovalVote,
  type ApproverGroup,
  defaultPolicy,
  type GroupRule,
  judgeVotes,
  voterRefusal,
} from "./approval.ts";
import { ACTIONS } from "./remediation.ts";

const PLAN = "a".repeat(64);
const request: ApprovalRequest = { requester: "req", planHash: PLAN, excluded: [] };
const vote = (person: string, groups: ApproverGroup[], more: Partial<ApprovalVote> = {}): ApprovalVote => ({
  person,
  decision: "approve",
  planHash: PLAN,
  groups,
  mayDecide: true,
  ...more,
});
const { rules: RESTORE } = defaultPolicy("release", false);

describe("votes", () => {
  it("are enough when distinct people meet every rule", () => {
    expect(judgeVotes(request, RESTORE, [vote("ana", ["security"])]).state).toBe("open");
    expect(judgeVotes(request, RESTORE, [vote("ana", ["security"]), vote("ben", ["on_call"])]).state).toBe(
      "met",
    );
  });

  it("count each person once, whatever groups they are in", () => {
    const both = vote("ana", ["security", "on_call"]);
    expect(judgeVotes(request, RESTORE, [both, both]).state).toBe("open");
  });

  it("put people where they are needed: who is in two groups keeps nobody out", () => {
    const all = vote("ana", ["security", "on_call"]);
    for (const votes of [
      [all, vote("ben", ["security"])],
      [vote("ben", ["security"]), all],
    ]) {
      const { state, meter } = judgeVotes(request, RESTORE, votes);
      expect(state).toBe("met");
      expect(meter.map(({ people }) => people)).toEqual([["ben"], ["ana"]]);
    }
  });

  it.each([
    ["the requester", vote("req", ["security"])],
    ["somebody who lost the role", vote("ana", ["security"], { mayDecide: false })],
    ["somebody of no group that is asked", vote("ana", ["platform_owner"])],
    ["somebody who saw another plan", vote("ana", ["security"], { planHash: "b".repeat(64) })],
  ])("do not count from %s", (_, one) => {
    expect(judgeVotes(request, [{ groups: ["security"], min: 1 }], [one]).state).toBe("open");
  });

  it("do not count from who wrote what the node failed", () => {
    const excluding = { ...request, excluded: ["ana"] };
    expect(judgeVotes(excluding, [{ groups: ["security"], min: 1 }], [vote("ana", ["security"])]).state).toBe(
      "open",
    );
    expect(voterRefusal(excluding, vote("ana", ["security"]), RESTORE)).toBe("excluded");
  });

  it("end it when one who has a say denies, whatever plan they saw, and not when another does", () => {
    const enough = [vote("ana", ["security"]), vote("ben", ["on_call"])];
    const deny = vote("cem", ["security"], { decision: "deny", planHash: "" });
    expect(judgeVotes(request, RESTORE, [...enough, deny]).state).toBe("denied");
    expect(judgeVotes(request, RESTORE, [...enough, { ...deny, person: "req" }]).state).toBe("met");
    expect(judgeVotes(request, RESTORE, [...enough, { ...deny, mayDecide: false }]).state).toBe("met");
  });

  it("never amount to an approval when nothing is asked for", () => {
    expect(judgeVotes(request, [], [vote("ana", ["security"])]).state).toBe("open");
  });

  it("are enough exactly when some assignment of distinct people fills every place", () => {
    const groups = fc.subarray([...APPROVER_GROUPS], { minLength: 1 });
    const rule = fc.record({ groups, min: fc.integer({ min: 1, max: 2 }) });
    const people = fc.uniqueArray(fc.record({ person: fc.constantFrom("a", "b", "c", "d", "e"), groups }), {
      selector: ({ person }) => person,
    });
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1, maxLength: 3 }), people, (rules, some) => {
        const votes = some.map(({ person, groups: of }) => vote(person, of));
        expect(judgeVotes(request, rules, votes).state === "met").toBe(fillable(rules, votes));
      }),
      { numRuns: 500 },
    );
  });
});

/** Try every assignment. */
function fillable(rules: readonly GroupRule[], votes: readonly ApprovalVote[]): boolean {
  const places = rules.flatMap((rule) => Array.from({ length: rule.min }, () => rule));
  const go = (at: number, left: readonly ApprovalVote[]): boolean => {
    const place = places[at];
    if (!place) return true;
    return left.some(
      (one) =>
        one.groups.some((group) => place.groups.includes(group)) &&
        go(
          at + 1,
          left.filter((v) => v !== one),
        ),
    );
  };
  return go(0, votes);
}

describe("what an action asks for", () => {
  it("is one person to contain a worker, two groups to contain a member of a quorum", () => {
    expect(defaultPolicy("quarantine", false).rules).toEqual([{ groups: ["security", "on_call"], min: 1 }]);
    expect(defaultPolicy("quarantine", true).rules).toHaveLength(2);
  });

  it("is two people at least for everything that restores or destroys, with no glass to break and no robot", () => {
    for (const action of ACTIONS.filter((name) => name !== "quarantine")) {
      for (const critical of [false, true]) {
        const policy = defaultPolicy(action, critical);
        expect(
          policy.rules.reduce((sum, { min }) => sum + min, 0),
          action,
        ).toBeGreaterThanOrEqual(2);
        expect(policy).toMatchObject({ auto: false, breakGlass: false, window: "respect" });
      }
    }
  });

  it("is never automatic for a member of a quorum", () => {
    for (const action of ACTIONS) expect(defaultPolicy(action, true).auto).toBe(false);
  });
});
