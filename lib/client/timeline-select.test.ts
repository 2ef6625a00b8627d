import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Timeline } from "#lib/contracts/node";
import {
  eventKey,
  eventLanes,
  findSelected,
  isWhole,
  laneKeys,
  laneOfKey,
  loadedFrom,
  neighbour,
  type Stop,
  selectionKey,
  stopAt,
  stopsOf,
} from "./timeline-select.ts";

const stops = fc
  .array(fc.constantFrom("trusted", "failed", "stale"), { minLength: 1, maxLength: 40 })
  .map((states) => states.map((state, i): Stop => ({ key: `lane@${i}`, state })));

describe("neighbour", () => {
  test("walking right visits every stop once, in order; walking left is the way back", () => {
    fc.assert(
      fc.property(stops, (list) => {
        const seen: string[] = [];
        for (let key = neighbour(list, null, 1); key; key = neighbour(list, key, 1)) seen.push(key);
        expect(seen).toEqual(list.map(({ key }) => key));
        const back: string[] = [];
        for (let key = neighbour(list, null, -1); key; key = neighbour(list, key, -1)) back.push(key);
        expect(back).toEqual(seen.toReversed());
      }),
    );
  });

  test("changes of state: every stop landed on differs from the one before it, and none is passed over", () => {
    fc.assert(
      fc.property(stops, (list) => {
        const seen: string[] = [];
        for (let key = list[0]?.key ?? null; key; key = neighbour(list, key, 1, true)) seen.push(key);
        const changes = list.filter(({ state }, i) => i === 0 || list[i - 1]?.state !== state);
        expect(seen).toEqual(changes.map(({ key }) => key));
      }),
    );
  });
});

const interval = (from: string, state: "trusted" | "failed") => ({
  from,
  to: null,
  state,
  reason: "",
  outcome: null,
  tier: null,
  vector: null,
  kid: null,
  measurementDigest: null,
  verdicts: 1,
  firstAt: null,
  lastAt: null,
  recordedAt: from,
});

const timeline: Timeline = {
  nodeId: "0199a0a0-0000-7000-8000-000000000001",
  from: "2026-11-01T00:00:00.000Z",
  to: "2026-11-22T00:00:00.000Z",
  earliest: "2026-11-01T00:00:00.000Z",
  knownAt: "2026-01-01T00:00:00.000Z",
  lanes: [
    {
      key: "src/odd@submod",
      label: "Odd",
      kind: "source",
      intervals: [
        interval("2026-11-02T00:00:00.000Z", "trusted"),
        interval("2026-11-05T00:00:00.000Z", "failed"),
      ],
    },
  ],
  events: [],
  lifecycle: [
    {
      state: "discovered",
      from: "2026-11-01T00:00:00.000Z",
      to: "2026-11-02T00:00:00.000Z",
      rule: null,
      event: null,
      recordedAt: "2026-11-01T00:00:00.000Z",
      refused: 0,
    },
    {
      state: "enrolling",
      from: "2026-11-02T00:00:00.000Z",
      to: null,
      rule: "T02",
      event: "enrollment.requested",
      recordedAt: "2026-11-02T00:00:00.000Z",
      refused: 2,
    },
  ],
  distrusted: [],
  completeFrom: "2026-11-01T00:00:00.000Z",
};

describe("selection names", () => {
  test("survive a submodule that holds the separator", () => {
    const key = selectionKey("src/odd@submod", "2026-11-05T00:00:00.000Z");
    expect(laneOfKey(key)).toBe("src/odd@submod");
    const selected = findSelected(timeline, key);
    expect(selected?.kind === "interval" && selected.interval.state).toBe("failed");
    expect(stopsOf(timeline, laneOfKey(key)).map((stop) => stop.key)).toContain(key);
  });

  test("lead nowhere when they are not in the timeline", () => {
    for (const key of [null, "", "@", "event@x", "trust@2026", "src/odd@submod@nope"]) {
      expect(findSelected(timeline, key)).toBeNull();
    }
  });

  test("a lane entered at an instant begins with the interval that was in force", () => {
    const at = (iso: string) => stopAt(timeline, "src/odd@submod", Date.parse(iso));
    expect(at("2026-11-03T00:00:00Z")).toBe("src/odd@submod@2026-11-02T00:00:00.000Z");
    expect(at("2026-11-09T00:00:00Z")).toBe("src/odd@submod@2026-11-05T00:00:00.000Z");
    expect(at("2026-01-01T00:00:00Z")).toBe("src/odd@submod@2026-11-02T00:00:00.000Z");
  });
});

describe("lanes of events and of the life cycle", () => {
  const event = (id: string, type: string) => ({
    id,
    type,
    phase: "operation",
    outcome: "info" as const,
    reasonCode: null,
    reasonText: null,
    occurredAt: "2026-11-03T00:00:00.000Z",
    receivedAt: "2026-11-03T00:00:00.000Z",
    sourceName: "lab",
    method: null,
    actorAddress: null,
    identities: [],
    provenance: null,
  });
  const full = {
    ...timeline,
    events: [
      event("a", "node.rebooted"),
      event("b", "enrollment.credential_renewed"),
      event("c", "enrollment.requested"),
    ],
  };

  test("each event lies in one lane, and is found by the name that the lane gives it", () => {
    expect(eventLanes(full.events).map(({ key, events }) => [key, events.map(({ id }) => id)])).toEqual([
      ["credentials", ["b"]],
      ["boots", ["a"]],
      ["event", ["c"]],
    ]);
    for (const one of full.events) {
      const selected = findSelected(full, eventKey(one));
      expect(selected?.kind === "event" && selected.event.id).toBe(one.id);
    }
  });

  test("the life cycle stands below the node's own line and above its sources", () => {
    expect(laneKeys(full)).toEqual(["lifecycle", "src/odd@submod", "credentials", "boots", "event"]);
  });

  test("a stay is found by its beginning and walked like any lane", () => {
    const key = selectionKey("lifecycle", "2026-11-02T00:00:00.000Z");
    const selected = findSelected(full, key);
    expect(selected?.kind === "stay" && selected.stay.state).toBe("enrolling");
    expect(neighbour(stopsOf(full, "lifecycle"), key, -1)).toBe("lifecycle@2026-11-01T00:00:00.000Z");
    expect(stopAt(full, "lifecycle", Date.parse("2026-11-09T00:00:00Z"))).toBe(key);
  });
});

describe("a cut-off answer", () => {
  test("says from when on it is whole, and nothing when it is", () => {
    expect(loadedFrom(timeline)).toBeNull();
    const cut = { ...timeline, completeFrom: "2026-11-04T00:00:00.000Z" };
    expect(isWhole(cut)).toBe(false);
    expect(loadedFrom(cut)).toBe(Date.parse("2026-11-04T00:00:00Z"));
  });
});
