import { describe, expect, it } from "vitest";
import { isStrongIdentity } from "#lib/domain/verdict";
import { eventsOf, interpretAll, summariesOf } from "#tests/bootstrap-events";
import { tinkerbellSource as source } from "./index.ts";

const UID = "73c01ec4-5438-4b50-a49d-4cc4633b2ccb";
const at = (time: string) => `2026-11-22T${time}Z`;
const action = (name: string, start: string | null, stop: string | null, more: object = {}) => ({
  name,
  executionStart: start && at(start),
  executionStop: stop && at(stop),
  environment: { PASSWORD: "s3cret" },
  command: ["login", "s3cret"],
  ...more,
});
const workflow = (state: string, actions: object[]) => ({
  apiVersion: "tinkerbell.org/v1alpha1",
  kind: "Workflow",
  metadata: { name: "wf", uid: UID, creationTimestamp: at("10:00:00") },
  spec: { hardwareRef: "machine-7", hardwareMap: { device_1: "02:00:5e:00:53:07", password: "s3cret" } },
  status: {
    state,
    agentID: "02:00:5e:00:53:07",
    tasks: [{ name: "os", environment: { A: "s3cret" }, actions }],
  },
});
const done = [action("a", "10:01:00", "10:02:00"), action("b", "10:02:01", "10:04:00")];
const STARTED = "provisioning.image_started pending -";

describe("workflows", () => {
  it.each([
    ["SUCCESS", [STARTED, "provisioning.image_completed success -"]],
    ["STATE_SUCCESS", [STARTED, "provisioning.image_completed success -"]],
    ["FAILED", [STARTED, "provisioning.image_failed failure image_failed"]],
    ["TIMEOUT", [STARTED, "provisioning.image_failed failure timeout"]],
    ["RUNNING", [STARTED]],
    ["POST", [STARTED]],
    ["PENDING", [STARTED]],
    ["toString", [STARTED]],
  ])("maps %s", async (state, summaries) => {
    expect(await summariesOf(source, workflow(state, done))).toEqual(summaries);
  });

  it("begins with the first action and ends with the last", async () => {
    const events = await eventsOf(source, workflow("SUCCESS", [...done].reverse()));
    expect(events.map(({ occurredAtMs }) => occurredAtMs)).toEqual(
      [at("10:01:00"), at("10:04:00")].map(Date.parse),
    );
    expect(events.map(({ externalId }) => externalId)).toEqual([`${UID}:started`, `${UID}:SUCCESS`]);
  });

  it("names the action that failed and repeats its words", async () => {
    const failed = [action("image", "10:01:00", "10:02:00", { message: "404" })];
    expect((await eventsOf(source, workflow("FAILED", failed)))[1]?.reasonText).toBe("FAILED: image: 404");
    const hanging = [action("image", "10:01:00", null)];
    expect((await eventsOf(source, workflow("TIMEOUT", hanging)))[1]).toMatchObject({
      reasonText: "TIMEOUT: image",
    });
  });

  it("reads the times of older versions, and refuses an end without any", async () => {
    expect(await summariesOf(source, workflow("RUNNING", [{ startedAt: at("10:01:00") }]))).toEqual([
      STARTED,
    ]);
    expect(await summariesOf(source, workflow("PENDING", []))).toEqual([]);
    expect((await interpretAll(source, [workflow("SUCCESS", [])])).rejections).toHaveLength(1);
  });

  it("notes addresses only, and stores no environment, command or map", async () => {
    const { items } = await interpretAll(source, [workflow("SUCCESS", done)]);
    const [item] = items;
    if (item?.kind !== "bootstrap") throw new Error("no event");
    expect(item.event.identities).toEqual([{ kind: "mac", value: "02:00:5e:00:53:07" }]);
    expect(item.event.identities.some(({ kind }) => isStrongIdentity(kind))).toBe(false);
    expect(item.event.displayName).toBe("machine-7");
    expect(new TextDecoder().decode(item.raw)).not.toContain("s3cret");
  });
});

describe("commands to management controllers", () => {
  const task = (status: object) => ({
    apiVersion: "bmc.tinkerbell.org/v1alpha1",
    kind: "Task",
    metadata: { name: "t", uid: UID },
    spec: { connection: { password: "s3cret" } },
    status: { startTime: at("10:00:00"), ...status },
  });
  const condition = (type: string, status = "True") => ({ conditions: [{ type, status, message: "m" }] });

  it("tells how they ended, about no node", async () => {
    const began = "remediation.external_started pending -";
    const completionTime = at("10:00:09");
    expect(await summariesOf(source, task({}))).toEqual([began]);
    expect(await summariesOf(source, task({ completionTime, ...condition("Completed") }))).toEqual([
      began,
      "remediation.external_succeeded success -",
    ]);
    expect(await summariesOf(source, task({ completionTime, ...condition("Failed") }))).toEqual([
      began,
      "remediation.external_failed failure power_failed",
    ]);
    expect(await summariesOf(source, task(condition("Failed", "False")))).toEqual([began]);
    expect((await eventsOf(source, task({})))[0]?.identities).toEqual([]);
  });
});
