import { describe, expect, it } from "vitest";
import type { BootEventView, RegisterCheckView } from "#lib/contracts/event-log";
import { groupEvents, matchesEvent } from "./event-log.ts";

const event = (index: number, register: number, more: Partial<BootEventView> = {}): BootEventView => ({
  index,
  register,
  type: "EV_IPL",
  subject: "grub.cfg",
  value: null,
  proof: "separate",
  digests: [{ bank: "sha256", digest: "abcd" }],
  ...more,
});
const check = (
  register: number,
  judgement: RegisterCheckView["judgement"],
  bank = "sha256",
): RegisterCheckView => ({
  register,
  name: `PCR ${register}`,
  title: "t",
  sentence: "s",
  bank,
  replayed: "00",
  stated: null,
  judgement,
});

describe("groupEvents", () => {
  it("goes by register, with notes last, each with the worst judgement of its banks", () => {
    const groups = groupEvents(
      [event(0, 0, { type: "EV_NO_ACTION" }), event(1, 7), event(2, 0), event(3, 7)],
      [check(0, "not_stated"), check(7, "match", "sha1"), check(7, "mismatch")],
    );
    expect(
      groups.map(({ name, judgement, events }) => [name, judgement, events.map(({ index }) => index)]),
    ).toEqual([
      ["PCR 0", "not_stated", [2]],
      ["PCR 7", "mismatch", [1, 3]],
      ["Notes", null, [0]],
    ]);
  });

  it("keeps events of registers about which nothing is known", () => {
    expect(groupEvents([event(0, 30)], [])[0]).toMatchObject({ name: "Register 30", judgement: null });
  });
});

describe("matchesEvent", () => {
  it.each([
    ["GRUB", true],
    ["ipl", true],
    ["abc", true],
    [" ", true],
    ["dbx", false],
  ])("%j: %s", (filter, expected) => {
    expect(matchesEvent(event(0, 9), filter)).toBe(expected);
  });
});
