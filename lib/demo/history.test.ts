import { describe, expect, it } from "vitest";
import {
  type DemoEvent,
  eventsBetween,
  HISTORY_CADENCE_MS,
  LIVE_CADENCE_MS,
  lastGoodAppraisalMs,
  STALE_AFTER_MS,
} from "./history.ts";
import { appraisalsAt } from "./story.ts";
import { HOUR_MS, MINUTE_MS } from "./time.ts";
import { buildWorld, type World } from "./world.ts";

const END_MS = Date.parse("2026-03-15T12:00:00Z");
const small = () => buildWorld({ seed: 3, nodes: 40, days: 3, endMs: END_MS });
const usual = buildWorld({ seed: 1, nodes: 500, days: 14, endMs: END_MS });
const all = (world: World): DemoEvent[] => [
  ...eventsBetween(world, { fromMs: world.startMs, toMs: world.endMs }),
];
const usualEvents = all(usual);

describe("eventsBetween", () => {
  it("gives the same events for the same seed, and others for another", () => {
    expect(all(small())).toEqual(all(small()));
    expect(all(buildWorld({ seed: 4, nodes: 40, days: 3, endMs: END_MS }))).not.toEqual(all(small()));
  });

  it("moves with the end of history and depends on no other clock", () => {
    const later = buildWorld({ seed: 3, nodes: 40, days: 3, endMs: END_MS + 7 * 86_400_000 });
    const offsets = (world: World) =>
      all(world).map(({ atMs, channel }) => `${atMs - world.startMs} ${channel}`);
    expect(offsets(later)).toEqual(offsets(small()));
  });

  it("is in time order, inside the window, and knows each event by an id of its own", () => {
    const times = usualEvents.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(usual.startMs);
    expect(times.at(-1)).toBeLessThan(usual.endMs);
    expect(new Set(usualEvents.map(({ id, channel }) => `${channel} ${id}`)).size).toBe(usualEvents.length);
  });

  it("loses and repeats nothing when a stretch is cut into pieces", () => {
    const world = small();
    const cuts = [0, 1_234_567, 40 * HOUR_MS, 71 * HOUR_MS, 74 * HOUR_MS].map(
      (offset) => world.startMs + offset,
    );
    const pieces = cuts
      .slice(1)
      .flatMap((toMs, index) => [...eventsBetween(world, { fromMs: cuts[index] ?? 0, toMs })]);
    const whole = [...eventsBetween(world, { fromMs: world.startMs, toMs: cuts.at(-1) ?? 0 })];
    expect(pieces.map(({ id }) => id).sort()).toEqual(whole.map(({ id }) => id).sort());
  });

  it("has 60 to 90 thousand verdicts by default", () => {
    const verdicts = usualEvents.reduce(
      (sum, event) => sum + ("appraisals" in event ? event.appraisals.length : 0),
      0,
    );
    expect(verdicts).toBeGreaterThan(60_000);
    expect(verdicts).toBeLessThan(90_000);
  });

  it("appraises every node often enough not to turn stale by chance", () => {
    expect(HISTORY_CADENCE_MS + 40 * MINUTE_MS).toBeLessThan(STALE_AFTER_MS);
  });

  it("goes on live with every node once per cadence, spread evenly", () => {
    const events = [
      ...eventsBetween(
        usual,
        { fromMs: END_MS, toMs: END_MS + LIVE_CADENCE_MS },
        { channels: ["lab-verifier", "cloud-verifier"] },
      ),
    ];
    const silent = usual.silences.size + 1;
    expect(new Set(events.map(({ node }) => node)).size).toBe(usual.fleet.length - silent);
    expect(events).toHaveLength(usual.fleet.length - silent);
    const firstMinute = events.filter(({ atMs }) => atMs < END_MS + MINUTE_MS).length;
    expect(firstMinute).toBeGreaterThan(40);
    expect(firstMinute).toBeLessThan(60);
  });
});

describe("the fleet at the end of its history", () => {
  const newest = new Map<string, DemoEvent & { appraisals: readonly { status: string }[] }>();
  for (const event of usualEvents) if ("appraisals" in event) newest.set(event.node.name, event);
  const statusOf = (name: string): string => {
    const event = newest.get(name);
    if (!event) return "never";
    if (END_MS - event.atMs > STALE_AFTER_MS) return "stale";
    const order = ["none", "affirming", "warning", "contraindicated"];
    return (
      event.appraisals.map(({ status }) => status).sort((a, b) => order.indexOf(b) - order.indexOf(a))[0] ??
      "never"
    );
  };
  const counts = Map.groupBy(usual.fleet, ({ name }) => statusOf(name));
  const count = (status: string) => counts.get(status)?.length ?? 0;

  it("looks like a real one", () => {
    expect(count("affirming") / usual.fleet.length).toBeGreaterThan(0.955);
    expect(count("affirming") / usual.fleet.length).toBeLessThan(0.97);
    expect(count("contraindicated")).toBe(5);
    expect(count("warning")).toBe(7);
    expect(count("stale")).toBe(4);
    expect(count("never") + count("none")).toBe(2);
  });
});

describe("the stories", () => {
  const verdictsOf = (name: string) =>
    usualEvents.flatMap((event) => ("appraisals" in event && event.node.name === name ? [event] : []));
  const worst = (name: string) =>
    verdictsOf(name).map(({ appraisals }) => appraisals.map(({ status }) => status).join());

  it("rolls a kernel out: many are not recognised, until the reference value is there", () => {
    const { startMs, referenceAtMs } = usual.rollout;
    const unknownAt = (atMs: number) =>
      usual.fleet.filter((node) =>
        appraisalsAt(usual, node, atMs)?.some(({ claims }) => claims.executables === 33),
      ).length;
    expect(unknownAt(startMs - HOUR_MS)).toBe(0);
    expect(unknownAt(referenceAtMs - MINUTE_MS)).toBeGreaterThan(60);
    expect(unknownAt(referenceAtMs + MINUTE_MS)).toBe(0);
    const kernels = new Set(
      verdictsOf("wrk-eu1-r01-n01").map(({ appraisals }) => JSON.stringify(appraisals[0]?.evidence.kernel)),
    );
    expect(kernels.size).toBe(2);
  });

  it("turns Secure Boot off on two nodes and repairs one", () => {
    expect(worst("wrk-eu1-r01-n05")).toContain("contraindicated");
    expect(worst("wrk-eu1-r01-n05").at(-1)).toBe("affirming");
    expect(worst("wrk-eu1-r01-n06").at(-1)).toBe("contraindicated");
    expect(worst("wrk-eu1-r01-n06")).toContain("warning");
  });

  it("finds an unknown executable, and a guest behind its TCB level", () => {
    expect(worst("gpu-eu1-r01-n03")).toContain("warning");
    expect(worst("gpu-eu1-r01-n03").at(-1)).toBe("contraindicated");
    expect(
      verdictsOf("cvm-eu1-z1-n003")
        .at(-1)
        ?.appraisals.map(({ claims }) => claims.hardware),
    ).toEqual([32, 2]);
  });

  it("lets one verifier be silent for nine hours, and only that one", () => {
    const [silence] = usual.verifierSilences["cloud-verifier"];
    const window = { fromMs: silence?.fromMs ?? 0, toMs: silence?.toMs ?? 0 };
    expect(window.toMs - window.fromMs).toBe(9 * HOUR_MS);
    expect([...eventsBetween(usual, window, { channels: ["cloud-verifier"] })]).toEqual([]);
    expect([...eventsBetween(usual, window, { channels: ["lab-verifier"] })].length).toBeGreaterThan(1000);
  });

  it("has a node that asks to enrol in vain, in lines that name no agent", () => {
    const { node } = usual.neverEnrols;
    const lines = usualEvents.flatMap((event) =>
      event.node === node && "line" in event ? [event.line] : [],
    );
    expect(verdictsOf(node.name)).toEqual([]);
    expect(lines.length).toBeGreaterThan(20);
    expect(new Set(lines.map((line) => line.status_code))).toEqual(
      new Set(["InvalidArgument", "PermissionDenied"]),
    );
    expect(lines.every((line) => !("agent_id" in line) && line.caller_addr?.startsWith(node.address))).toBe(
      true,
    );
  });

  it("has a good verdict to replay", () => {
    expect(lastGoodAppraisalMs(usual, usual.replay.from)).not.toBeNull();
  });

  it("enrols every other node before its first verdict", () => {
    const firsts = new Map<string, number>();
    for (const event of usualEvents) {
      if ("line" in event && event.line.method === "AttestAgent" && event.line.status === "success")
        firsts.set(event.node.name, event.atMs);
    }
    const early = usualEvents.filter(
      (event) =>
        "appraisals" in event && event.atMs <= (firsts.get(event.node.name) ?? Number.POSITIVE_INFINITY),
    );
    expect(early).toEqual([]);
  });
});
