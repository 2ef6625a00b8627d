import { describe, expect, it } from "vitest";
import { type BaselineContent, STRICT, type ToleranceEffect } from "./baseline.ts";
import type { BaselineCourse } from "./baseline-course.ts";
import {
  baseOf,
  makeCompare,
  movesBetween,
  type StandingNode,
  standingOf,
  statusWith,
  versionStanding,
} from "./baseline-standing.ts";
import type { LaneState } from "./trust-status.ts";

const tools = {
  matches: (selector: string, { labels }: StandingNode["node"]) => labels.role === selector,
  ignores: (patterns: readonly string[]) => (path: string) => patterns.includes(path),
};
const content = (
  entries: BaselineContent["entries"],
  unexplained: ToleranceEffect = "degrade",
): BaselineContent => ({
  scope: [],
  entries,
  ignore: [],
  tolerances: { kernel: { ...STRICT, unexplained } },
});
const rollout = { version: 1, part: "target", selector: "", percent: 100, fromMs: 0, toMs: null } as const;
const course = (part: Partial<BaselineCourse> = {}): BaselineCourse => ({
  id: "b",
  name: "b",
  selector: "",
  sourceId: "s",
  submod: null,
  rollouts: [rollout],
  contents: new Map([[1, content({ "kernel/release": ["1"] })]]),
  ...part,
});
const node = (kernel: string | null, part: Partial<StandingNode> = {}): StandingNode => {
  const measurements: Record<string, string> = kernel === null ? {} : { "kernel/release": kernel };
  return {
    node: { id: `n${kernel}`, name: `n${kernel}`, labels: {}, identities: {} },
    share: 0,
    base: "trusted",
    lanes: [{ sourceId: "s", submod: "", digest: `${kernel}`, measurements }],
    ...part,
  };
};
const judge = (of: StandingNode, by = course()) => standingOf(by, of, 50, tools, makeCompare(tools));

describe("where a node stands", () => {
  it("is right when a lane is exactly one version in force", () => {
    expect(judge(node("1"))).toEqual({ target: 1, covered: true, matching: true, effect: null });
    expect(judge(node("2"))).toEqual({ target: 1, covered: true, matching: false, effect: "degrade" });
  });

  it("is not covered by a baseline that says nothing about its evidence", () => {
    expect(judge(node(null))).toMatchObject({ covered: false, matching: false, effect: null });
    expect(judge(node("1", { lanes: [] }))).toMatchObject({ covered: false });
    expect(judge(node("2"), course({ sourceId: "other" }))).toMatchObject({ covered: false, effect: null });
    expect(judge(node("2"), course({ rollouts: [] }))).toMatchObject({ target: null, covered: false });
  });

  it("is nothing where the selector leaves the node out", () => {
    expect(judge(node("1"), course({ selector: "gpu" }))).toBeNull();
  });

  it("accepts any version in force, and never half of one and half of another", () => {
    const two = course({
      rollouts: [rollout, { ...rollout, version: 2, fromMs: 10 }],
      contents: new Map([
        [1, content({ "kernel/release": ["1"], "kernel/modules": ["a"] })],
        [2, content({ "kernel/release": ["2"], "kernel/modules": ["b"] }, "fail")],
      ]),
    });
    const of = (release: string, modules: string) =>
      node("x", {
        lanes: [
          {
            sourceId: "s",
            submod: "",
            digest: release + modules,
            measurements: { "kernel/release": release, "kernel/modules": modules },
          },
        ],
      });
    expect(judge(of("1", "a"), two)).toMatchObject({ target: 2, matching: true });
    expect(judge(of("2", "b"), two)).toMatchObject({ matching: true });
    expect(judge(of("1", "b"), two)).toMatchObject({ matching: false, effect: "fail" });
  });

  it("passes over what the version's patterns ignore", () => {
    const by = course({
      contents: new Map([[1, { ...content({ "kernel/release": ["1"] }), ignore: ["kernel/release"] }]]),
    });
    expect(judge(node("2"), by)).toMatchObject({ matching: true });
  });
});

it("A version is counted over the nodes of its baseline: selected, covered, matching", () => {
  const nodes = [node("1"), node("2"), node(null)];
  const counted = versionStanding(
    course(),
    content({ "kernel/release": ["1"] }),
    nodes,
    tools,
    makeCompare(tools),
  );
  expect(counted).toEqual({ selected: 3, covered: 2, matching: 1 });
});

describe("the status", () => {
  it.each<[LaneState, ToleranceEffect | null, LaneState]>([
    ["trusted", null, "trusted"],
    ["trusted", "note", "trusted"],
    ["trusted", "degrade", "degraded"],
    ["trusted", "fail", "failed"],
    ["degraded", "degrade", "degraded"],
    ["degraded", "fail", "failed"],
    ["failed", null, "failed"],
    ["stale", "fail", "stale"],
    ["pending", "fail", "pending"],
  ])("%s with %s is %s: a baseline never improves a node", (base, effect, status) => {
    expect(statusWith(base, effect)).toBe(status);
  });

  it.each<[LaneState[], LaneState]>([
    [[], "pending"],
    [["trusted"], "trusted"],
    [["trusted", "stale"], "degraded"],
    [["trusted", "degraded"], "degraded"],
    [["trusted", "failed"], "failed"],
    [["stale", "stale"], "stale"],
    [["stale", "pending"], "pending"],
  ])("of lanes %j alone is %s", (states, status) => {
    expect(baseOf(states.map((state) => ({ state, afterFailure: false })))).toBe(status);
  });
});

it("A lane that is silent since a failure still fails the node", () => {
  expect(baseOf([{ state: "stale", afterFailure: true }])).toBe("failed");
});

it("What moves is what another version would change, worst first, with names and totals", () => {
  const now = { courses: [course()], atMs: 50 };
  const next = content({ "kernel/release": ["2"] }, "fail");
  const then = { courses: [course({ contents: new Map([[1, next]]) })], atMs: 50 };
  const nodes = [node("1"), node("2"), node("3"), node("4", { base: "stale" }), node(null)];
  expect(movesBetween(nodes, now, then, tools)).toEqual({
    moves: [
      { from: "degraded", to: "failed", nodes: 1 },
      { from: "trusted", to: "failed", nodes: 1 },
      { from: "degraded", to: "trusted", nodes: 1 },
    ],
    nodes: [
      { id: "n1", name: "n1", from: "trusted", to: "failed" },
      { id: "n3", name: "n3", from: "degraded", to: "failed" },
      { id: "n2", name: "n2", from: "degraded", to: "trusted" },
    ],
  });
  expect(movesBetween(nodes, now, now, tools)).toEqual({ moves: [], nodes: [] });
});
