import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { describeFailure, plain, table } from "./commands/output.ts";
import { parseDuration } from "./commands/source.ts";
import { buildProgram, main } from "./touchstone.ts";

describe("the command line", () => {
  let out: string;
  let err: string;
  beforeEach(() => {
    out = "";
    err = "";
    vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      out += text;
      return true;
    });
    vi.spyOn(process.stderr, "write").mockImplementation((text) => {
      err += text;
      return true;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });

  it("gives every command a JSON form", () => {
    const leaves = buildProgram().commands.flatMap((command) =>
      command.commands.length > 0 ? command.commands : [command],
    );
    expect(leaves.map((command) => command.name()).sort()).toEqual(
      [
        ...["add", "add", "create", "demo", "doctor", "import", "list", "migrate", "up"],
        ...[
          "check",
          "collect",
          "expect",
          "gate",
          "ingest-listener",
          "label",
          "rebuild",
          "retention",
          "test",
          "worker",
        ],
        ...["activate", "list", "retire", "rotate"],
        ...["export", "rotate-key", "verify", "verify", "witness"],
      ].sort(),
    );
    for (const command of leaves) expect(command.options.some(({ long }) => long === "--json")).toBe(true);
  });

  it.each([
    [["nonsense"]],
    [["source", "add"]],
    [["key", "create", "--scope", "root", "--source", "x"]],
    [["up", "--nope"]],
  ])("answers a wrong call %j with status 2 and a line that names the fault", async (argv) => {
    await main(argv);
    expect(process.exitCode).toBe(2);
    expect(err).toMatch(/^touchstone: /);
    expect(out).toBe("");
  });

  it("answers a failure with one line and, asked for JSON, one document", async () => {
    await main(["import", "/nonexistent/file", "--source", "x", "--json"]);
    expect(process.exitCode).toBe(1);
    expect(err.trim().split("\n")).toHaveLength(1);
    expect(JSON.parse(out).error.detail).toContain("/nonexistent/file");
  });
});

describe("output", () => {
  it("spells out characters that could fool a reader of a terminal", () => {
    expect(plain("a\u202eb\u001b[31mc\nd")).toBe("a\\u{202e}b\\u{1b}[31mc\\u{a}d");
  });

  it("keeps a failure on one line and knows a problem by its code", () => {
    expect(describeFailure(new Error("a\n  b"))).toEqual({ detail: "a b", code: null, exitCode: 1 });
    expect(describeFailure(Object.assign(new Error("x"), { code: "source/not-found" })).code).toBe(
      "source/not-found",
    );
    expect(describeFailure(Object.assign(new Error("x"), { code: "ENOENT", exitCode: 4 }))).toMatchObject({
      code: null,
      exitCode: 4,
    });
  });

  it("aligns columns", () => {
    expect(
      table([
        ["A", "B"],
        ["long", "x"],
      ]),
    ).toEqual(["A     B", "long  x"]);
  });
});

describe("parseDuration", () => {
  it.each([
    ["90s", 90_000],
    ["15m", 900_000],
    ["4h", 14_400_000],
    ["2d", 172_800_000],
    ["never", null],
  ])("reads %s", (text, ms) => expect(parseDuration(text)).toBe(ms));
  it.each(["", "15", "m", "0m", "-1h", "1.5h", "15 m"])("refuses %j", (text) =>
    expect(() => parseDuration(text)).toThrow(),
  );
});
