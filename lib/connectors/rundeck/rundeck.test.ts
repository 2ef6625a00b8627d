import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Rig, rigContext, rigNode } from "#tests/stubs/connectors/rig";
import { rundeckRig } from "#tests/stubs/connectors/rundeck";
import type { RundeckFake } from "#tests/stubs/rundeck";

const { connector } = rundeckRig;
const TARGET = { ref: "w1.example", words: "node w1.example", uid: null };
let rig: Rig;
let fake: RundeckFake;

beforeEach(async () => {
  rig = await rundeckRig.start();
  fake = rig.fake as RundeckFake;
});
afterEach(() => fake.close());
const ctx = () => rigContext(rundeckRig, rig, new Map());
const start = () => connector.start(ctx(), TARGET, "isolate", "k");

describe("a Rundeck job", () => {
  const both = [{ name: "touchstone_node" }, { name: "touchstone_request" }];
  it.each([
    ["is not told the node", both.slice(1)],
    ["is not told the step", both.slice(0, 1)],
    ["hides what it is told", both.map((option) => ({ ...option, secure: true }))],
    ["wants more than it is told", [...both, { name: "ticket", required: true }]],
  ])("that %s is not run", async (_, options) => {
    fake.options = options;
    expect((await connector.preview(ctx(), TARGET, "isolate")).ok).toBe(false);
    expect((await connector.test(ctx())).some(({ ok, blocking }) => blocking && !ok)).toBe(true);
    await expect(start()).rejects.toMatchObject({ kind: "refused", retry: false });
    expect(fake.effects).toEqual([]);
  });

  it("with more options of its own is run", async () => {
    fake.options = [...both, { name: "why", required: true, value: "compromise" }, { name: "note" }];
    await start();
    expect(fake.executions[0]?.job.options).toEqual({
      ...{ touchstone_node: "w1.example", touchstone_request: "k" },
    });
  });

  it("that is gone is said to be gone, before anything is sent", async () => {
    rig = { ...rig, settings: { ...rig.settings, isolateJob: "a9e8e00e-9f3b-4b8e-9c2a-0000000000ff" } };
    const { ok, checks } = await connector.preview(ctx(), TARGET, "isolate");
    expect([ok, checks[0]?.detail]).toEqual([false, expect.stringContaining("has no job")]);
  });

  it("is told of in the preview when it runs on other nodes", async () => {
    const noteOf = async () =>
      (await connector.preview(ctx(), TARGET, "isolate")).checks.find(
        ({ name }) => name === "Runs on the node",
      );
    expect(await noteOf()).toMatchObject({ ok: true });
    fake.filter = "tags: web";
    expect(await noteOf()).toMatchObject({ ok: false, blocking: false });
  });
});

describe("an execution", () => {
  it("is aborted and failed when the job ignored the node all the same", async () => {
    fake.shown = fake.options;
    fake.options = [{ name: "touchstone_request" }];
    const error = await start().catch((caught: Error) => caught);
    expect(error).toMatchObject({ kind: "refused", retry: false });
    expect(String(error)).toContain("may have run on other nodes");
    expect(fake.executions[0]?.status).toBe("aborted");
  });

  it("is aborted once", async () => {
    await start();
    expect(await connector.abort(ctx(), TARGET, "isolate", "k")).toMatchObject({ state: "failed" });
    await connector.abort(ctx(), TARGET, "isolate", "k");
    expect(fake.effects.filter((effect) => effect.startsWith("abort"))).toHaveLength(1);
  });

  it("that is tried again by Rundeck goes on, and the newest one counts", async () => {
    await start();
    const state = async () => (await connector.observe(ctx(), TARGET, "isolate", "k")).state;
    const [first] = fake.executions;
    if (!first) throw new Error("nothing was run");
    first.status = "failed-with-retry";
    expect(await state()).toBe("running");
    fake.executions.push({ ...first, id: 99, status: "succeeded" });
    expect(await state()).toBe("done");
  });
});

it.each(["tags: web", "w1,w2", ".*", "-i", "", "a b", "$(x)"])("never names %j as a node", (hostname) => {
  const settings = connector.settings.parse(rig.settings);
  expect(connector.targetOf(rigNode("w", { hostname }), settings)).toBeNull();
});

it("takes part in what it has a job for, and never lets a node out in silence", () => {
  const without = (given: object) =>
    connector.without?.(connector.settings.parse({ url: rig.fake.url, ...given }));
  const { isolateJob, rebuildJob, rekeyJob } = rig.settings;
  expect(without({})).toEqual(["isolate", "release", "rebuild", "rekey"]);
  expect(without({ isolateJob })).toEqual(["rebuild", "rekey"]);
  expect(without({ rebuildJob })).toEqual(["isolate", "release", "rekey"]);
  expect(without({ rekeyJob })).toEqual(["isolate", "release", "rebuild"]);
});
