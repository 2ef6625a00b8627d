import { describe, expect, it } from "vitest";
import { bodyOf, draftOf, formatsNamed, type ScheduleDraft } from "./schedule-draft.ts";
import { daysOf, dueWords } from "./schedule-words.ts";

const draft: ScheduleDraft = { ...draftOf(null), name: " Monthly SOC 2 ", framework: "soc-2" };

describe("a draft of a schedule", () => {
  it("becomes what is asked for, with each address once however they are separated", () => {
    const recipients = "A@example.org, b@example.org;\n a@example.org  ";
    expect(bodyOf({ ...draft, recipients })).toMatchObject({
      ...{ name: "Monthly SOC 2", framework: "soc-2", every: "month", dueDays: 1, dueHour: 6 },
      recipients: ["a@example.org", "b@example.org"],
    });
    expect(bodyOf({ ...draft, framework: "" })).toMatchObject({ framework: null, recipients: [] });
  });

  it("always keeps the snapshot among the files", () => {
    expect(formatsNamed(["csv"])).toEqual(["json", "csv"]);
  });
});

describe("words of a schedule", () => {
  it("name the last day of a period, and not the one after it", () => {
    const period = { from: "2024-02-01T00:00:00.000Z", to: "2024-03-01T00:00:00.000Z" };
    expect(daysOf(period)).toBe("2024-02-01 to 2024-02-29");
  });

  it("say when a report is due", () => {
    expect(dueWords({ dueDays: 0, dueHour: 6 })).toBe("at 06:00 UTC after its end");
    expect(dueWords({ dueDays: 1, dueHour: 15 })).toBe("1 day after its end, at 15:00 UTC");
  });
});
