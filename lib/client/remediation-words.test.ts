import { describe, expect, it } from "vitest";
import { LIFECYCLE_STATES, type LifecycleState } from "#lib/domain/lifecycle-table";
import { ACTIONS } from "#lib/domain/remediation";
import {
  confirmationOf,
  groupsWords,
  namesSentence,
  rulesSentence,
  stateRefusal,
} from "./remediation-words.ts";

const ID = "01a20000-0000-7000-8000-000000000000";
const node = (name: string) => ({ id: ID, name });
const STATES = Object.keys(LIFECYCLE_STATES) as LifecycleState[];

describe("confirmationOf", () => {
  it("asks for the name of one node when the action takes something away", () => {
    expect(confirmationOf("quarantine", [node("db-1")])?.phrase).toBe("db-1");
    expect(confirmationOf("release", [node("db-1")])).toBeNull();
  });

  it("asks for the count of several, whatever the action", () => {
    for (const action of ACTIONS) {
      expect(confirmationOf(action, [node("a"), node("b"), node("c")])?.phrase).toBe("3");
    }
  });

  it("never asks for a name that nobody can type", () => {
    expect(confirmationOf("quarantine", [node("db\u202E-1")])?.phrase).toBe("01a20000");
    expect(confirmationOf("quarantine", [node("x".repeat(65))])?.phrase).toBe("01a20000");
  });

  it("asks nothing about nothing", () => {
    expect(confirmationOf("quarantine", [])).toBeNull();
  });
});

describe("stateRefusal", () => {
  it("lets nothing be done to a decommissioned node", () => {
    for (const action of ACTIONS) expect(stateRefusal(action, "decommissioned")).toMatch(/decommissioned/);
  });

  it("releases only what is quarantined", () => {
    expect(STATES.filter((state) => stateRefusal("release", state) === null)).toEqual(["quarantined"]);
  });

  it("quarantines from where the life cycle has an edge, and says from where", () => {
    const from = STATES.filter((state) => stateRefusal("quarantine", state) === null);
    expect(from).toEqual(["enrolling", "attesting", "trusted", "suspect", "failed"]);
    expect(stateRefusal("quarantine", "quarantined")).toBe(
      "Only for a node that is enrolling, attesting, trusted, suspect or failed; this one is quarantined.",
    );
  });

  it("gives no second task to a node that is being worked on", () => {
    for (const action of ACTIONS) {
      expect(stateRefusal(action, "reprovisioning")).not.toBeNull();
      expect(stateRefusal(action, "quarantining")).not.toBeNull();
    }
  });
});

describe("sentences", () => {
  it("names groups and says that people must differ", () => {
    expect(groupsWords(["security", "on_call"])).toBe("security or on call");
    expect(rulesSentence([{ groups: ["security"], min: 1 }])).toBe("1 of security");
    expect(
      rulesSentence([
        { groups: ["security"], min: 1 },
        { groups: ["on_call"], min: 1 },
      ]),
    ).toBe("1 of security and 1 of on call, different people");
    expect(rulesSentence([{ groups: ["security", "platform_owner"], min: 2 }])).toBe(
      "2 of security or platform owner, different people",
    );
  });

  it("shortens long lists of names without losing the count", () => {
    expect(namesSentence(["a", "b", "c"])).toBe("a, b, c");
    expect(namesSentence(["a", "b", "c", "d"])).toBe("a, b, c and 1 more");
  });
});
