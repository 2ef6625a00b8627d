/** The whole way, with nothing of ours replaced: asked for, voted on, carried out over HTTP, seen, and given back. */
import { describe, expect, it } from "vitest";
import type { RemediationAction } from "#lib/domain/remediation";
import { runDueRemediations } from "#lib/services/remediation/due";
import { abortRemediation } from "#lib/services/remediation/operate";
import { requestRemediation } from "#lib/services/remediation/request";
import { voteRemediation } from "#lib/services/remediation/vote";
import { became, lifeOf as lifeIn } from "#tests/execution-world";
import { useDatabase } from "#tests/pg";
import { REASON } from "#tests/remediation-world";
import { finishJobs, type StoryWorld, useStory } from "#tests/story-world";
import type { World } from "#tests/world";
import { drillRemediation } from "./file-drill.ts";

const { pool } = useDatabase();
const TAINT = "touchstone.dev/quarantine";
let story: StoryWorld;
let node: { id: string; name: string };

useStory(pool, (made, fresh) => {
  story = made;
  node = fresh;
  made.kube.effects.length = 0;
});

const outcomeOf = (id: string) => became(story as unknown as World, id);
const lifeOf = (id: string) => lifeIn(story as unknown as World, id);

/** Ann asks, Bob and Cat agree as far as they have to. */
async function approved(
  action: RemediationAction,
  voters = action === "quarantine" ? [story.bob] : [story.bob, story.cat],
): Promise<string> {
  const { id, planHash } = await requestRemediation(story.ann, story.body(action, node.id), story.tools);
  for (const voter of voters) {
    const vote = { requestId: id, planHash, decision: "approve", reason: REASON } as const;
    await voteRemediation(voter, vote, story.tools);
  }
  return id;
}

async function quarantined(): Promise<void> {
  const id = await approved("quarantine");
  await story.work();
  expect((await outcomeOf(id)).state).toBe("succeeded");
  story.pass(60_000);
}

describe("a quarantine", () => {
  it("begins with the last vote that is needed, and is on the cluster when it is called done", async () => {
    const id = await approved("quarantine", []);
    await story.work();
    expect((await outcomeOf(id)).state).toBe("pending");
    expect(story.kube.effects).toEqual([]);
    await quarantined();
    expect(story.taintsOf(node.name)).toEqual(["theirs", TAINT]);
    expect(await lifeOf(node.id)).toBe("quarantined quarantine");
  });
});

describe("a release", () => {
  it("gives work back after a fresh affirming verdict that was issued after it, and not before", async () => {
    await quarantined();
    const id = await approved("release");
    await story.work();
    expect(await lifeOf(node.id)).toBe("attesting quarantine");
    // Measured before the release: it proves nothing about the node as it was let out.
    await story.attest(node.name, -30_000);
    story.pass(10_000);
    await story.work();
    expect((await outcomeOf(id)).state).toBe("verifying");
    expect(story.taintsOf(node.name)).toContain(TAINT);
    await story.attest(node.name);
    story.pass(10_000);
    await story.work();
    expect(await outcomeOf(id)).toMatchObject({
      state: "succeeded",
      steps: ["snapshot done", "lifecycle done", "verdict done", "untaint done", "read_back done"],
      alarms: [],
    });
    expect(story.taintsOf(node.name)).toEqual(["theirs"]);
    expect(await lifeOf(node.id)).toBe("trusted in_service");
  });

  it("is not begun on the word of one person", async () => {
    await quarantined();
    const id = await approved("release", [story.bob]);
    await story.work();
    expect((await outcomeOf(id)).state).toBe("pending");
    expect(await lifeOf(node.id)).toBe("quarantined quarantine");
  });
});

describe("a reprovisioning", () => {
  it("takes the taint away last, after the rebuilt node has attested anew", async () => {
    const id = await approved("reprovision");
    await story.work();
    expect(story.taintsOf(node.name)).toContain(TAINT);
    finishJobs(story);
    story.pass(10_000);
    await story.work();
    expect((await outcomeOf(id)).state).toBe("verifying");
    story.pass(1_000);
    await story.attest(node.name);
    story.pass(10_000);
    await story.work();
    const { state, steps, alarms } = await outcomeOf(id);
    expect({ state, steps, alarms }).toEqual({
      state: "succeeded",
      steps: [
        "snapshot done",
        "taint done",
        "deny_requests done",
        "lifecycle done",
        "rebuild done",
        "verdict done",
        "untaint done",
        "read_back done",
      ],
      alarms: [],
    });
    expect(story.taintsOf(node.name)).toEqual(["theirs"]);
    expect(story.awx.jobs.filter(({ limit }) => limit === node.name)).toHaveLength(1);
  });
});

describe("a reprovisioning that replaces the cluster's node", () => {
  it.each([
    [
      "under the same name",
      (name: string) =>
        story.kube.add("/api/v1/nodes", name, { metadata: { uid: "new" } as never, spec: {} }),
    ],
    ["under another name", () => undefined],
  ])(
    "is done when it comes back %s: what was tainted is gone, and the new one is left alone",
    async (_, comeBack) => {
      const id = await approved("reprovision");
      await story.work();
      finishJobs(story);
      story.kube.remove("/api/v1/nodes", node.name);
      comeBack(node.name);
      story.pass(10_000);
      await story.work();
      story.pass(1_000);
      await story.attest(node.name);
      for (let round = 0; round < 8; round += 1) {
        story.pass(61_000);
        await story.work();
      }
      const { state, steps, outcome } = await outcomeOf(id);
      expect({ state, steps: steps.slice(-3), outcome }).toEqual({
        state: "succeeded",
        steps: ["verdict done", "untaint done", "read_back done"],
        outcome: null,
      });
    },
  );
});

describe("a rehearsal", () => {
  it("asks the cluster for everything and changes nothing anywhere", async () => {
    const { id } = await drillRemediation(story.ann, story.body("quarantine", node.id), story.tools);
    await story.work();
    const { state, steps } = await outcomeOf(id);
    expect(state).toBe("succeeded");
    expect(steps.every((line) => line.endsWith("skipped"))).toBe(true);
    expect(story.kube.effects).toEqual([]);
    expect(await lifeOf(node.id)).toBe("trusted in_service");
  });

  it("needs nobody's vote, and does not keep what is meant from being asked for", async () => {
    const { id } = await drillRemediation(story.ann, story.body("reprovision", node.id), story.tools);
    await story.work();
    expect((await outcomeOf(id)).state).toBe("succeeded");
    await quarantined();
  });
});

describe("stopping", () => {
  it("before the first step leaves everything as it was", async () => {
    const id = await approved("quarantine");
    await runDueRemediations(story.db, story.tools, story.now);
    expect((await outcomeOf(id)).state).toBe("executing");
    await abortRemediation(story.bob, { requestId: id, reason: REASON });
    await story.work();
    const { state, steps, alarms } = await outcomeOf(id);
    expect({ state, steps, alarms }).toEqual({ state: "aborted", steps: [], alarms: [] });
    expect(story.kube.effects).toEqual([]);
    expect(await lifeOf(node.id)).toBe("trusted in_service");
  });
});
