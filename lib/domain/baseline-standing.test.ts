import { describe, expect, it } from "vitest";
import { type BaselineContent, STRICT, type ToleranceEffect } from "./baseline.ts";
import type { BaselineCourse } from "./baseline-course.ts";
import { makeFits, type StandingNode, standingOf, versionStanding } from "./baseline-standing.ts";

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
    lanes: [{ sourceId: "s", submod: "", digest: `${kernel}`, measurements }],
    ...part,
  };
};
const judge = (of: StandingNode, by = course()) =>
  standingOf(by, of, 50, tools, makeFits(by.contents, tools));

describe("where a node stands", () => {
  it("is right when nothing unexplained differs from the version in force", () => {
    expect(judge(node("1"))).toEqual({ target: 1, covered: true, matching: true });
    expect(judge(node("2"))).toEqual({ target: 1, covered: true, matching: false });
  });

  it("is not covered by a baseline that is compared with none of its lanes", () => {
    expect(judge(node("1", { lanes: [] }))).toEqual({ target: 1, covered: false, matching: false });
    expect(judge(node("2"), course({ sourceId: "other" }))).toMatchObject({ covered: false });
    expect(judge(node("1"), course({ rollouts: [] }))).toEqual({
      target: null,
      covered: false,
      matching: false,
    });
  });

  it("is wrong where evidence lacks what is expected, as drift has it", () => {
    expect(judge(node(null))).toEqual({ target: 1, covered: true, matching: false });
  });

  it("is nothing where the selector leaves the node out", () => {
    expect(judge(node("1"), course({ selector: "gpu" }))).toBeNull();
  });

  it("takes what another version in force accepts, and what the target tolerates, for no difference", () => {
    const two = course({
      rollouts: [rollout, { ...rollout, version: 2, fromMs: 10 }],
      contents: new Map([
        [1, content({ "kernel/release": ["1"] })],
        [2, content({ "kernel/release": ["2"] })],
      ]),
    });
    expect(judge(node("1"), two)).toEqual({ target: 2, covered: true, matching: true });
    expect(judge(node("3"), two)).toMatchObject({ matching: false });
    const lax = content({});
    const tolerant = course({
      contents: new Map([
        [1, { ...lax, scope: ["kernel"], tolerances: { kernel: { ...STRICT, added: "tolerated" } } }],
      ]),
    });
    expect(judge(node("2"), tolerant)).toMatchObject({ matching: true });
  });

  it("is compared with an accepted version where there is no target, and with nothing that was not sound", () => {
    const accepted = course({ rollouts: [{ ...rollout, part: "accepted" }] });
    expect(judge(node("1"), accepted)).toEqual({ target: null, covered: true, matching: true });
    expect(judge(node("1"), course({ contents: new Map() }))).toMatchObject({ matching: false });
  });

  it("passes over what the version's patterns ignore", () => {
    const by = course({
      contents: new Map([[1, { ...content({ "kernel/release": ["1"] }), ignore: ["kernel/release"] }]]),
    });
    expect(judge(node("2"), by)).toMatchObject({ matching: true });
  });
});

it("A version is counted over the nodes of its baseline: selected, covered, matching", () => {
  const nodes = [node("1"), node("2"), node("1", { lanes: [] })];
  const { contents } = course();
  const counted = versionStanding(course(), 1, nodes, tools, makeFits(contents, tools));
  expect(counted).toEqual({ selected: 3, covered: 2, matching: 1 });
});
