import { describe, expect, it } from "vitest";
import { PERMISSIONS, ROLES, STRONG_ROLES } from "./access.ts";
import { confirmationDue } from "./confirmation.ts";

const DAY = 86_400_000;

describe("a strong role", () => {
  it("is one that approves, executes or administers, and no other", () => {
    expect(STRONG_ROLES).toEqual(["approver", "admin"]);
    for (const verb of ["remediation:decide", "remediation:operate", "user:manage"] as const) {
      expect(ROLES.filter((role) => (PERMISSIONS[verb] as readonly string[]).includes(role))).toEqual(
        STRONG_ROLES.filter((role) => (PERMISSIONS[verb] as readonly string[]).includes(role)),
      );
    }
  });

  it("is due ninety days after another person gave it, or confirmed it last", () => {
    const given = { givenAtMs: 10 * DAY, ownGift: false };
    expect(confirmationDue({ ...given, confirmedAtMs: null })).toBe(100 * DAY);
    expect(confirmationDue({ ...given, confirmedAtMs: 60 * DAY })).toBe(150 * DAY);
  });

  it("is due at once when somebody gave it to themselves, until another person confirms it", () => {
    const given = { givenAtMs: 10 * DAY, ownGift: true };
    expect(confirmationDue({ ...given, confirmedAtMs: null })).toBe(10 * DAY);
    expect(confirmationDue({ ...given, confirmedAtMs: 11 * DAY })).toBe(101 * DAY);
  });
});
