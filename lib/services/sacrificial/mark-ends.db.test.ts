/** What becomes of a drill whose mark ends while it is carried out: what has begun goes on, and nothing else begins. */
import { describe, expect, it } from "vitest";
import { runDueRemediations } from "#lib/services/remediation/due";
import { abortRemediation, retryRemediation } from "#lib/services/remediation/operate";
import { requestRemediation } from "#lib/services/remediation/request";
import { voteRemediation } from "#lib/services/remediation/vote";
import { became, lifeOf } from "#tests/execution-world";
import { useDatabase } from "#tests/pg";
import { REASON } from "#tests/remediation-world";
import { finishJobs, type StoryWorld, useStory } from "#tests/story-world";
import { refusalOf, type World } from "#tests/world";
import { endSacrificial } from "./end.ts";
import { markSacrificial } from "./mark.ts";

const { pool } = useDatabase();
const DAY_MS = 86_400_000;
const TAINT = "touchstone.dev/quarantine";
let story: StoryWorld;
let node: { id: string; name: string };

useStory(pool, (made, fresh) => {
  story = made;
  node = fresh;
});

const marked = () => {
  const until = new Date(story.clock.now.getTime() + DAY_MS).toISOString();
  return markSacrificial(story.root, { nodeId: node.id, reason: REASON, until }, async () => []);
};
const ended = () => endSacrificial(story.root, { nodeId: node.id, reason: REASON });
const outcomeOf = (id: string) => became(story as unknown as World, id);
const rebuilds = () => story.awx.jobs.filter(({ limit }) => limit === node.name);
const later = async () => {
  story.pass(10_000);
  await story.work();
};

/** A drill of a reprovisioning that everybody agreed to, and that is begun. */
async function begun(conduct: StoryWorld["kube"]["conduct"] = "plain"): Promise<string> {
  await marked();
  const body = { ...story.body("reprovision", node.id), drill: true };
  const { id, planHash } = await requestRemediation(story.ann, body, story.tools);
  for (const voter of [story.bob, story.cat])
    await voteRemediation(
      voter,
      { requestId: id, planHash, decision: "approve", reason: REASON },
      story.tools,
    );
  await runDueRemediations(story.db, story.tools, story.now);
  story.kube.conduct = conduct;
  await story.work();
  story.kube.conduct = "plain";
  return id;
}
/** The answer to its taint is lost, so that it has to be looked at before anything else begins. */
const inTheMiddle = () => begun({ lose: 1 });

describe("a drill whose mark ends", () => {
  it("begins nothing that acts on the node any more, and says why", async () => {
    const id = await inTheMiddle();
    await ended();
    await later();
    const { state, steps, outcome } = await outcomeOf(id);
    expect({ state, steps: steps.slice(0, 5) }).toEqual({
      state: "partially_failed",
      steps: ["snapshot done", "taint done", "deny_requests failed", "lifecycle skipped", "rebuild skipped"],
    });
    expect(outcome).toContain("not marked as sacrificial any more");
    expect(rebuilds()).toEqual([]);
    expect(await lifeOf(story as unknown as World, node.id)).toBe("trusted in_service");
  });

  it("by itself is no different from one whose mark is ended", async () => {
    const id = await inTheMiddle();
    story.pass(DAY_MS);
    await story.work();
    expect((await outcomeOf(id)).steps).toContain("deny_requests failed");
    expect(rebuilds()).toEqual([]);
  });

  it("goes on with what has begun, to the end, and gives work back", async () => {
    const id = await begun();
    expect(rebuilds()).toHaveLength(1);
    await ended();
    finishJobs(story);
    await later();
    story.pass(1_000);
    await story.attest(node.name);
    await later();
    expect(await outcomeOf(id)).toMatchObject({ state: "succeeded", alarms: [] });
    expect(story.taintsOf(node.name)).not.toContain(TAINT);
  });

  it("does not go on by a retry, also not when the node is marked anew", async () => {
    const id = await inTheMiddle();
    await ended();
    await later();
    const retry = () => retryRemediation(story.bob, { requestId: id, reason: REASON });
    expect(await refusalOf(retry())).toBe("remediation/not-sacrificial");
    await marked();
    expect(await refusalOf(retry())).toBe("remediation/not-sacrificial");
    await later();
    expect((await outcomeOf(id)).state).toBe("partially_failed");
    expect(rebuilds()).toEqual([]);
  });

  it("lets a step that was not begun when it was looked at begin no more", async () => {
    const id = await begun({ status: 503 });
    expect((await outcomeOf(id)).steps).toContain("taint unknown");
    await ended();
    await later();
    await later();
    expect((await outcomeOf(id)).steps).toContain("taint failed");
    expect(story.taintsOf(node.name)).toEqual(["theirs"]);
  });

  it("is taken back when people stop it", async () => {
    const id = await inTheMiddle();
    await ended();
    await abortRemediation(story.bob, { requestId: id, reason: REASON });
    await later();
    await later();
    expect((await outcomeOf(id)).state).toBe("aborted");
    expect(story.taintsOf(node.name)).toEqual(["theirs"]);
  });
});
