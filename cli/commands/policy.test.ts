import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { main } from "#cli/touchstone";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "touchstone-policy-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** Run the command line; what it printed, and its exit status. */
async function run(...args: string[]): Promise<{ out: string; err: string; status: number }> {
  const [out, err]: [string[], string[]] = [[], []];
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => err.push(String(text)) > 0),
    vi.spyOn(console, "error").mockImplementation((text) => err.push(String(text))),
  ];
  process.exitCode = 0;
  try {
    await main(["policy", "test", ...args]);
    return { out: out.join(""), err: err.join("\n"), status: Number(process.exitCode) };
  } finally {
    process.exitCode = 0;
    for (const spy of spies) spy.mockRestore();
  }
}

const policy = (when: string) => `name: lab
description: A policy for tests
rules:
  - { id: ours, when: ${JSON.stringify(when)}, status: failed, reason: "'ours'", docs: Ours. }
  - { id: rest, when: true, status: pending, reason: "'rest'", docs: The rest. }
`;

async function file(name: string, text: string): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, text);
  return path;
}

const DEFAULT = join(import.meta.dirname, "../../policies/default.yaml");

describe("touchstone policy test", () => {
  it("passes the policy that ships, and says how many tests that were", async () => {
    const { out, status } = await run(DEFAULT, "--json");
    expect(status).toBe(0);
    const document = JSON.parse(out);
    expect(document).toMatchObject({ passed: true, files: [{ problems: [] }] });
    expect(document.files[0].tests.length).toBeGreaterThan(10);
  });

  it("names file, line and column of what does not check, and fails", async () => {
    const path = await file("lab.yaml", policy("lanes.exists(l, l.nope)"));
    const { err, status } = await run(path);
    expect(status).toBe(1);
    expect(err).toMatch(new RegExp(`^${path}:4:\\d+: rules/0/when: No such key: nope`));
  });

  it("runs the tests that lie beside a policy, and fails with what came instead", async () => {
    const path = await file("lab.yaml", policy("lanes.size() > 0"));
    await file("lab.tests.yaml", "tests:\n  - { name: t, facts: {}, expect: { status: failed } }\n");
    const { err, out, status } = await run(path);
    expect(status).toBe(1);
    expect(err).toBe(`${path}: test "t": status: expected failed, came pending`);
    expect(out).toBe("1 policy: 0 of 1 tests passed\n");
  });

  it("fails with one line for a file that is not there", async () => {
    const { err, status } = await run(join(dir, "nowhere.yaml"));
    expect(status).toBe(1);
    expect(err.trim().split("\n")).toHaveLength(1);
  });
});
