/** Rekeying: done is not that a job ran, but that people agreed to a new key and the node attested with it. */
import { describe, expect, it } from "vitest";
import { changeKinds } from "#lib/server/change-kinds";
import { decideChange } from "#lib/services/change-request/decide";
import { proposeChange } from "#lib/services/change-request/propose";
import { requestRemediation } from "#lib/services/remediation/request";
import { voteRemediation } from "#lib/services/remediation/vote";
import { became } from "#tests/execution-world";
import { id, verdictAbout } from "#tests/identity-world";
import { useDatabase } from "#tests/pg";
import { REASON } from "#tests/remediation-world";
import { finishJobs, type StoryWorld, useStory } from "#tests/story-world";
import type { World } from "#tests/world";

const { pool } = useDatabase();
const MINUTE = 60_000;
let story: StoryWorld;
let node: { id: string; name: string };

useStory(pool, (made, fresh) => {
  story = made;
  node = fresh;
});

const outcomeOf = (request: string) => became(story as unknown as World, request);

/** A verdict that names the node and the key that it attested with. */
async function attestWith(key: string, ms = 0): Promise<void> {
  const event = verdictAbout(
    [id("custom", node.name), id("ak_sha256", key)],
    story.clock.now.getTime() + ms,
  ) as { data: Record<string, unknown> };
  await story.send([{ ...event, data: { ...event.data, freshness: "evidence" } }]);
  await story.fold();
}

async function rebindTo(value: string): Promise<void> {
  const payload = { nodeId: node.id, kind: "ak_sha256", value };
  const made = await proposeChange(
    story.ann,
    { kind: "node.rebind", payload, reason: REASON },
    changeKinds(),
  );
  const vote = { requestId: made.id, decision: "approve", planHash: made.planHash ?? "" } as const;
  await decideChange(story.bob, vote, changeKinds());
}

/** Asked for, approved, and the job that makes new keys has ended well. */
async function rekeyed(): Promise<string> {
  const made = await requestRemediation(story.ann, story.body("rekey", node.id), story.tools);
  for (const voter of [story.bob, story.cat]) {
    const vote = {
      requestId: made.id,
      planHash: made.planHash,
      decision: "approve",
      reason: REASON,
    } as const;
    await voteRemediation(voter, vote, story.tools);
  }
  await story.work();
  finishJobs(story);
  await later(10_000);
  return made.id;
}

async function later(ms: number): Promise<void> {
  story.pass(ms);
  await story.work();
}

describe("rekeying a node", () => {
  const [old, fresh] = ["aa", "bb"];

  it("is done with a verdict from after an approved rebind, and with nothing less", async () => {
    await attestWith(`${old}0${node.name}`, -30 * MINUTE);
    const request = await rekeyed();
    expect((await outcomeOf(request)).steps).toEqual([
      "snapshot done",
      "deny_requests done",
      "rekey done",
      "new_key running",
    ]);
    // The job has ended and the node attests, with the key that it had.
    await attestWith(`${old}0${node.name}`);
    await later(10_000);
    expect((await outcomeOf(request)).state).toBe("verifying");
    // Nobody agreed to the new key: what it says is refused.
    await expect(attestWith(`${fresh}0${node.name}`)).rejects.toThrow("identity-changed");
    const before = story.clock.now.getTime();
    await later(MINUTE);
    await rebindTo(`${fresh}0${node.name}`);
    await later(10_000);
    expect((await outcomeOf(request)).state).toBe("verifying");
    // Measured before people agreed.
    await attestWith(`${fresh}0${node.name}`, before - story.clock.now.getTime());
    await later(10_000);
    expect((await outcomeOf(request)).state).toBe("verifying");
    await attestWith(`${fresh}0${node.name}`);
    await later(10_000);
    expect(await outcomeOf(request)).toMatchObject({ state: "succeeded", outcome: null, alarms: [] });
  });

  it("counts no rebind that was approved before it began, and fails in words when none comes", async () => {
    await attestWith(`${old}0${node.name}`, -30 * MINUTE);
    await rebindTo(`${fresh}0${node.name}`);
    story.pass(MINUTE);
    const request = await rekeyed();
    await attestWith(`${fresh}0${node.name}`);
    await later(10_000);
    expect((await outcomeOf(request)).state).toBe("verifying");
    await later(241 * MINUTE);
    const { state, outcome } = await outcomeOf(request);
    expect(state).toBe("partially_failed");
    expect(outcome).toContain("No approved rebind to a new key within 240 minutes");
  });

  it("is not begun where no key is known that could be seen to change", async () => {
    const made = await requestRemediation(story.ann, story.body("rekey", node.id), story.tools);
    expect(made.checks.find(({ rule }) => rule === "recipe/key")).toMatchObject({
      ok: false,
      blocking: true,
    });
    expect(made.checks.find(({ rule }) => rule === "recipe/rekeyed")).toMatchObject({ ok: true });
  });
});
