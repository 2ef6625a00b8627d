import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Rollout, SelectorNode } from "./baseline.ts";
import {
  asIfTarget,
  courseInstants,
  rolloutsAt,
  type SelectorMatch,
  shareOf,
  speaksAbout,
  versionsFor,
} from "./baseline-course.ts";

const node = (labels: Record<string, string> = {}): SelectorNode => ({
  id: "n",
  name: "n",
  labels,
  identities: {},
});
/** Reads a selector as the name of a role. */
const byRole: SelectorMatch = (selector, { labels }) => labels.role === selector;
const rollout = (part: Partial<Rollout> = {}): Rollout => ({
  version: 1,
  part: "target",
  selector: "",
  percent: 100,
  fromMs: 0,
  toMs: null,
  ...part,
});
const ask = (rollouts: Rollout[], atMs = 50, share = 0, of = node()) =>
  versionsFor(rollouts, of, atMs, share, byRole);

const rollouts = fc.array(
  fc.record({
    version: fc.integer({ min: 1, max: 5 }),
    part: fc.constantFrom("target" as const, "accepted" as const),
    selector: fc.constantFrom("", "gpu", "cpu"),
    percent: fc.integer({ min: 1, max: 100 }),
    fromMs: fc.nat(100),
    toMs: fc.option(fc.nat(100)),
  }),
  { maxLength: 8 },
);
const nodes = fc.constantFrom(node(), node({ role: "gpu" }), node({ role: "cpu" }));

describe("shares", () => {
  it("are whole numbers below a hundred, the same for an id in either case", () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        const share = shareOf(id);
        return Number.isInteger(share) && share >= 0 && share < 100 && share === shareOf(id.toUpperCase());
      }),
    );
  });

  it("spread ids that were made together evenly", () => {
    const counts = new Array<number>(100).fill(0);
    for (let n = 0; n < 20_000; n += 1) {
      const share = shareOf(`01976b8a-0000-7000-8000-${n.toString(16).padStart(12, "0")}`);
      counts[share] = (counts[share] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(130);
    expect(Math.max(...counts)).toBeLessThan(270);
  });

  it("let a larger percent contain a smaller one", () => {
    const percents = fc.integer({ min: 1, max: 100 });
    fc.assert(
      fc.property(fc.uuid(), percents, percents, (id, a, b) => {
        const holds = (percent: number) => ask([rollout({ percent })], 50, shareOf(id)).target === 1;
        return !holds(Math.min(a, b)) || holds(Math.max(a, b));
      }),
    );
    expect(ask([rollout({ percent: 1 })], 50, 1).target).toBeNull();
    expect(ask([rollout({ percent: 100 })], 50, 99).target).toBe(1);
  });
});

describe("the versions that hold for a node", () => {
  it("are none before a rollout begins and none from its end on", () => {
    const stretch = [rollout({ fromMs: 10, toMs: 20 })];
    expect([9, 10, 19, 20].map((atMs) => ask(stretch, atMs).target)).toEqual([null, 1, 1, null]);
  });

  it("pass from A to B to C: the youngest target counts, older ones are still accepted", () => {
    const course = [
      rollout({ version: 1, toMs: 60 }),
      rollout({ version: 2, fromMs: 20 }),
      rollout({ version: 3, fromMs: 40, percent: 10 }),
    ];
    expect(ask(course, 10)).toEqual({ target: 1, accepted: [] });
    expect(ask(course, 30)).toEqual({ target: 2, accepted: [1] });
    expect(ask(course, 50)).toEqual({ target: 3, accepted: [1, 2] });
    expect(ask(course, 50, 10)).toEqual({ target: 2, accepted: [1] });
    expect(ask(course, 60)).toEqual({ target: 3, accepted: [2] });
  });

  it("accept ahead of the target what an accepted rollout names", () => {
    const course = [rollout(), rollout({ version: 2, part: "accepted", fromMs: 5 })];
    expect(ask(course)).toEqual({ target: 1, accepted: [2] });
    expect(ask([rollout({ version: 2, part: "accepted" })])).toEqual({ target: null, accepted: [2] });
  });

  it("reach only the nodes of the rollout's own selector", () => {
    const course = [rollout(), rollout({ version: 2, selector: "gpu", fromMs: 5 })];
    expect(ask(course, 50, 0, node({ role: "gpu" })).target).toBe(2);
    expect(ask(course, 50, 0, node({ role: "cpu" })).target).toBe(1);
  });

  it("prefer the later version of two that began at once, in whichever order they are listed", () => {
    const pair = [rollout({ version: 2 }), rollout({ version: 3 })];
    expect(ask(pair)).toEqual({ target: 3, accepted: [2] });
    expect(ask(pair.reverse())).toEqual({ target: 3, accepted: [2] });
  });

  it("do not depend on the order of the rollouts, and never accept the target twice", () => {
    fc.assert(
      fc.property(rollouts, nodes, fc.nat(110), fc.nat(99), (list, of, atMs, share) => {
        const answer = versionsFor(list, of, atMs, share, byRole);
        expect(versionsFor([...list].reverse(), of, atMs, share, byRole)).toEqual(answer);
        expect(answer.accepted).not.toContain(answer.target);
        expect([...new Set(answer.accepted)]).toEqual(answer.accepted);
      }),
    );
  });

  it("are constant between two instants of change", () => {
    fc.assert(
      fc.property(rollouts, nodes, fc.nat(99), (list, of, share) => {
        const instants = courseInstants(list);
        expect(instants).toEqual([...new Set(instants)].sort((a, b) => a - b));
        const at = (atMs: number) => versionsFor(list, of, atMs, share, byRole);
        for (let atMs = 0; atMs <= 110; atMs += 1) {
          if (!instants.includes(atMs)) expect(at(atMs)).toEqual(at(atMs - 1));
        }
      }),
      { numRuns: 60 },
    );
  });
});

it("A rollout that was ended before it began never holds and changes nothing", () => {
  const never = rollout({ fromMs: 40, toMs: 10 });
  expect(rolloutsAt([never], 20)).toEqual([]);
  expect(courseInstants([never])).toEqual([]);
});

it("A baseline speaks about its own source, its own submodule and its own nodes", () => {
  const lane = { sourceId: "s", submod: "gpu0" };
  const about = (sourceId: string | null, submod: string | null, selector = "") =>
    speaksAbout({ sourceId, submod, selector }, lane, node({ role: "gpu" }), byRole);
  expect(about(null, null)).toBe(true);
  expect(about("s", "gpu0", "gpu")).toBe(true);
  expect(about("t", null)).toBe(false);
  expect(about("s", "")).toBe(false);
  expect(about("s", null, "cpu")).toBe(false);
});

describe("a version as if it were the target", () => {
  it("is it for every node at that instant, and what reached the node then stays accepted", () => {
    fc.assert(
      fc.property(
        rollouts,
        fc.nat(100),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 99 }),
        (all, atMs, version, share) => {
          const course = { id: "b", name: "b", selector: "gpu", sourceId: null, submod: null };
          const asked = asIfTarget({ ...course, rollouts: all, contents: new Map() }, version, atMs);
          expect(asked.selector).toBe("");
          const before = ask(all, atMs, share);
          const after = ask([...asked.rollouts], atMs, share);
          expect(after.target).toBe(version);
          const held = new Set([...before.accepted, ...(before.target === null ? [] : [before.target])]);
          held.delete(version);
          expect(after.accepted).toEqual([...held].sort((a, b) => a - b));
        },
      ),
    );
  });
});
