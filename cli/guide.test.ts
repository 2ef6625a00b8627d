import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { buildProgram } from "./touchstone.ts";

const GUIDE = readFileSync(join(import.meta.dirname, "../docs/guide/cli.md"), "utf8");

/** `source add` and the like, with what commander knows of it. */
function commandsOf(command: Command, before = ""): { name: string; command: Command }[] {
  return command.commands.flatMap((child) => {
    const name = `${before}${child.name()}`;
    return child.commands.length > 0 ? commandsOf(child, `${name} `) : [{ name, command: child }];
  });
}

/** The rows of the guide's table of options: command and options, as they are written. */
function rowsOf(text: string): Map<string, string> {
  const section = text.slice(text.indexOf("## Every option"));
  const rows = [...section.matchAll(/^\| `([a-z -]+)` \| (.*) \|$/gm)];
  return new Map(rows.map(([, name = "", options = ""]) => [name, options]));
}

const expectedOf = (command: Command): string =>
  [
    ...command.registeredArguments.map(
      (argument) => `\`${argument.required ? argument.name() : `[${argument.name()}]`}\``,
    ),
    ...command.options
      .filter(({ long }) => long !== "--json")
      .map(({ flags }) => `\`${flags.replaceAll("|", "\\|")}\``),
  ].join(", ") || "none";

describe("the guide of the command line", () => {
  const commands = commandsOf(buildProgram());

  it("has every command and every option, and none that there is not", () => {
    expect(Object.fromEntries(rowsOf(GUIDE))).toEqual(
      Object.fromEntries(commands.map(({ name, command }) => [name, expectedOf(command)])),
    );
  });

  it("tells of every command what it does", () => {
    const told = GUIDE.slice(0, GUIDE.indexOf("## Every option"));
    for (const { name } of commands) {
      const [group = "", verb = ""] = name.split(" ");
      const mentions = told.split("\n").filter((line) => line.startsWith(`| \`${group}`));
      expect(
        mentions.some((line) => line.includes(verb)),
        name,
      ).toBe(true);
    }
  });
});
