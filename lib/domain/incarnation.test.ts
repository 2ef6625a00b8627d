import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldIncarnations, type ProvisioningId, supersededMs } from "./incarnation.ts";

const id = (kind: string, value: string, firstSeenMs: number): ProvisioningId => ({
  kind,
  value,
  firstSeenMs,
});

describe("incarnations", () => {
  it("begin anew with the second value of a kind, and take other kinds in", () => {
    const list = [id("k8s_node_uid", "u1", 10), id("spiffe_id", "s1", 20), id("k8s_node_uid", "u2", 30)];
    expect(foldIncarnations(list)).toEqual([
      { openedMs: 10, closedMs: 30, why: "First seen with a k8s_node_uid", members: list.slice(0, 2) },
      { openedMs: 30, closedMs: null, why: "A new k8s_node_uid appeared", members: list.slice(2) },
    ]);
  });

  const ids = fc
    .uniqueArray(
      fc.record({
        kind: fc.constantFrom("k8s_node_uid", "spiffe_id", "machine_uid"),
        value: fc.constantFrom("a", "b", "c", "d"),
        firstSeenMs: fc.integer({ min: 0, max: 8 }),
      }),
      { selector: ({ kind, value }) => `${kind} ${value}`, maxLength: 10 },
    )
    .chain((list) =>
      fc.tuple(
        fc.constant(list),
        fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length }),
      ),
    );

  it("depend on first sightings only, not on the order in which they are told", () => {
    fc.assert(
      fc.property(ids, ([list, shuffled]) => {
        expect(foldIncarnations(shuffled)).toEqual(foldIncarnations(list));
      }),
    );
  });

  it("follow each other without hole or overlap, hold every identity once, and the last one is open", () => {
    fc.assert(
      fc.property(ids, ([list]) => {
        const all = foldIncarnations(list);
        expect(all.map(({ closedMs }) => closedMs)).toEqual(
          all.map((_, index) => all[index + 1]?.openedMs ?? null),
        );
        expect(all.flatMap(({ members }) => members).length).toBe(list.length);
        for (const { members } of all)
          expect(new Set(members.map(({ kind }) => kind)).size).toBe(members.length);
      }),
    );
  });
});

describe("a former identity", () => {
  it("is one after which another value of its kind appeared; one of the same message is not", () => {
    const list = [
      id("spiffe_id", "a", 1),
      id("spiffe_id", "b", 1),
      id("spiffe_id", "c", 5),
      id("k8s_node_uid", "u", 9),
    ];
    expect(list.map((one) => supersededMs(one, list))).toEqual([5, 5, null, null]);
  });
});
