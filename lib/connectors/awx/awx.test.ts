import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AwxFake } from "#tests/stubs/awx";
import { awxRig } from "#tests/stubs/connectors/awx";
import { type Rig, rigContext, rigNode } from "#tests/stubs/connectors/rig";

const { connector } = awxRig;
const TARGET = { ref: "w1.example", words: "host w1.example", uid: null };
let rig: Rig;
let fake: AwxFake;

beforeEach(async () => {
  rig = await awxRig.start();
  fake = rig.fake as AwxFake;
});
afterEach(() => fake.close());
const ctx = () => rigContext(awxRig, rig, new Map());

describe("an AWX launch", () => {
  it.each(["limit", "variables"] as const)(
    "is not made by a template that does not ask for %s",
    async (what) => {
      fake.prompts[what] = false;
      expect((await connector.preview(ctx(), TARGET, "isolate")).ok).toBe(false);
      await expect(connector.start(ctx(), TARGET, "isolate", "k")).rejects.toMatchObject({ kind: "refused" });
      expect(fake.effects).toEqual([]);
    },
  );

  it("is cancelled and failed when AWX ignores the limit all the same", async () => {
    fake.shown = { limit: true, variables: true };
    fake.prompts.limit = false;
    const error = await connector.start(ctx(), TARGET, "isolate", "k").catch((caught: Error) => caught);
    expect(error).toMatchObject({ kind: "refused", retry: false });
    expect(String(error)).toContain("may have run on other hosts");
    expect(fake.jobs[0]?.status).toBe("canceled");
  });

  it("is refused for a name that is a group, too", async () => {
    fake.groups.push("w1.example");
    await expect(connector.start(ctx(), TARGET, "isolate", "k")).rejects.toMatchObject({ kind: "refused" });
    expect(fake.effects).toEqual([]);
  });

  it("is cancelled by an abort, once", async () => {
    await connector.start(ctx(), TARGET, "isolate", "k");
    const aborted = await connector.abort(ctx(), TARGET, "isolate", "k");
    expect(aborted).toMatchObject({ state: "failed", facts: { status: "canceled" } });
    await connector.abort(ctx(), TARGET, "isolate", "k");
    expect(fake.effects.filter((effect) => effect.startsWith("cancel"))).toHaveLength(1);
  });

  it.each(["all", "web*", "w1:w2", "~x", "@f", "", "-i"])(
    "is never limited to the pattern %j",
    (hostname) => {
      const settings = connector.settings.parse(rig.settings);
      expect(connector.targetOf(rigNode("w", { hostname }), settings)).toBeNull();
    },
  );

  it("is not planned of what no template is for, but a host that it isolates is never let out in silence", () => {
    const without = (given: object) =>
      connector.without?.(connector.settings.parse({ url: rig.fake.url, ...given }));
    expect(without({ rebuildTemplate: 9 })).toEqual(["isolate", "release", "rekey"]);
    expect(without({ isolateTemplate: 7 })).toEqual(["rebuild", "rekey"]);
    expect(without({ releaseTemplate: 8 })).toEqual(["isolate", "rebuild", "rekey"]);
    expect(without({ rekeyTemplate: 10 })).toEqual(["isolate", "release", "rebuild"]);
    const all = { isolateTemplate: 7, releaseTemplate: 8, rebuildTemplate: 9, rekeyTemplate: 10 };
    expect(without(all)).toEqual([]);
  });

  it("needs a template", async () => {
    rig.settings = { ...rig.settings, isolateTemplate: 0 };
    await expect(connector.start(ctx(), TARGET, "isolate", "k")).rejects.toMatchObject({ kind: "refused" });
  });
});
