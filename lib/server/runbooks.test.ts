import { describe, expect, it } from "vitest";
import { runbookOf, runbooks } from "./runbooks.ts";

describe("runbooks", () => {
  it("lists every page of docs/runbooks with its title", async () => {
    const list = await runbooks();
    expect(list).toContainEqual({ id: "storm", title: "Far more drift or failures than usual" });
    expect(list.every(({ id, title }) => id !== "" && title !== "")).toBe(true);
  });

  it("gives the text without its first heading", async () => {
    const runbook = await runbookOf("storm");
    expect(runbook?.text.startsWith("#")).toBe(false);
    expect(runbook?.text).toContain("1. Look at what the nodes have in common");
  });

  it.each([
    "../problems/event/key",
    "../../package",
    "storm.md",
    "",
    "Storm",
    "%2e%2e%2fglossary",
    "no-such-runbook",
    "storm\0",
  ])("has none named %j", async (name) => {
    expect(await runbookOf(name)).toBeNull();
  });
});
