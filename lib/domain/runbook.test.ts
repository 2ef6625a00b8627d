import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ACTION_RUNBOOKS, ALARM_RUNBOOKS, FAILURE_RUNBOOKS } from "./runbook.ts";

const named = [ACTION_RUNBOOKS, ALARM_RUNBOOKS, FAILURE_RUNBOOKS].flatMap((pages) => Object.values(pages));

describe("runbooks", () => {
  it.each([...new Set(named)])(
    "%s says what it means, what to look at, what to do and how to undo it",
    (id) => {
      const text = readFileSync(`docs/runbooks/${id}.md`, "utf8");
      expect(text).toMatch(/^# Runbook: /);
      for (const part of ["What it means", "Look first at", "What to do", "How to undo it"])
        expect(text).toContain(`## ${part}\n`);
    },
  );
});
