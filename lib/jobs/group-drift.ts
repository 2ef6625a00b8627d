/** Groups follow the findings: opened, spread, ignored, over, and followed by a new one. */
import {
  acceptedGroups,
  type ChangeFacts,
  changeFacts,
  followedDomains,
  groupInsert,
  groupingLock,
  groupRevise,
  groupsFollowed,
  movedFingerprints,
  type NewestGroup,
  newestGroups,
} from "#db/queries/drift-group-follow";
import { notifyChange } from "#db/queries/ingest-log";
import { inTransaction, type SqlClient, type SqlPool } from "#db/transaction";
import { type GroupLink, type GroupState, groupStep, priorityOf } from "#lib/domain/drift-group";
import { announceAll } from "#lib/services/notification/announce";
import { uuidv7 } from "#lib/services/uuidv7";
import type { Job } from "./job.ts";

/** Findings become visible when their transaction ends, later than they say: look back this far. */
const LOOK_BACK_MS = 10 * 60_000;
/** Changes per transaction. */
const CHUNK = 200;

export const groupDrift: Job = {
  name: "group-drift",
  everyMs: 5_000,
  async run({ db, now }, signal) {
    for (const { trustDomainId, followedTo } of await followedDomains(db.$client)) {
      const at = now();
      const since = new Date((followedTo?.getTime() ?? 0) - LOOK_BACK_MS);
      const moved = await movedFingerprints(db.$client, trustDomainId, { since, now: at });
      for (let start = 0; start < moved.length; start += CHUNK) {
        if (signal.aborted) return "idle";
        await groupChunk(db.$client, trustDomainId, moved.slice(start, start + CHUNK), at);
      }
      // Only now: a worker that dies before does the same again, to the same end.
      await groupsFollowed(db.$client, trustDomainId, at);
    }
    return "idle";
  },
};

function groupChunk(
  pool: SqlPool,
  trustDomainId: string,
  fingerprints: readonly string[],
  now: Date,
): Promise<void> {
  return inTransaction(pool, async (client) => {
    await groupingLock(client, trustDomainId);
    const groups = await newestGroups(client, trustDomainId, fingerprints, now);
    const asked = fingerprints.map((fingerprint) => ({
      fingerprint,
      since: groups.get(fingerprint)?.sinceMs ?? null,
    }));
    const facts = await changeFacts(client, trustDomainId, asked, now);
    const fresh = [...facts.values()].filter(({ fingerprint }) => !groups.has(fingerprint));
    const accepted = await acceptedGroups(client, trustDomainId, fresh);
    let isNews = false;
    for (const fingerprint of fingerprints) {
      const known = { group: groups.get(fingerprint) ?? null, facts: facts.get(fingerprint) ?? null };
      const moved = await stepGroup(client, trustDomainId, { ...known, accepted }, now);
      isNews ||= moved;
    }
    if (isNews) await notifyChange(client, trustDomainId, ["fleet"], []);
  });
}

const TOLD: Partial<Record<GroupState, "drift.new" | "drift.regressed" | "drift.ended">> = {
  undecided: "drift.new",
  regressed: "drift.regressed",
  resolved: "drift.ended",
};
const WORDS = {
  "drift.new": "Changed without leave",
  "drift.regressed": "Changed again",
  "drift.ended": "Nobody shows it any more",
} as const;

/** @returns whether a group was made or changed its state */
async function stepGroup(
  client: SqlClient,
  trustDomainId: string,
  {
    group,
    facts,
    accepted,
  }: { group: NewestGroup | null; facts: ChangeFacts | null; accepted: ReadonlyMap<string, string> },
  now: Date,
): Promise<boolean> {
  const before = facts && accepted.get(`${facts.baselineId} ${facts.path}`);
  const step = groupStep(group, facts, { acceptedBefore: before !== undefined, nowMs: now.getTime() });
  const priority = facts ? priorityOf({ score: facts.score, nodes: facts.open, worst: facts.worst }) : 0;
  const tell = async (subject: string, state: GroupState) => {
    const kind = TOLD[state];
    if (!kind) return;
    const path = facts?.path ?? "a path that is not compared any more";
    const title = `${WORDS[kind]}: ${path}`;
    const summary = facts ? `${facts.open} nodes show it. ${facts.why}` : "";
    const link = `/drift?peek=${subject}`;
    const labels = facts ? { layer: facts.layer, class: facts.worst } : {};
    const severity = facts?.worst === "malicious_like" && kind !== "drift.ended" ? "critical" : undefined;
    const event = { trustDomainId, subject, labels, title, summary, link, at: now };
    await announceAll(client, [{ kind, ...event, ...(severity ? { severity } : {}) }]);
  };
  const make = async (previousId: string | null, link: GroupLink | null, state: GroupState) => {
    if (!facts) return;
    const occurrence = (group?.occurrence ?? 0) + 1;
    const endedAt = state === "resolved" ? now : null;
    const made = { id: uuidv7(now), occurrence, previousId, link, state, priority, openedAt: now, endedAt };
    await groupInsert(client, trustDomainId, made, facts);
    await tell(made.id, state);
  };
  switch (step.do) {
    case "nothing":
      return false;
    case "open":
      await make(group?.id ?? before ?? null, step.link, step.state);
      return true;
    case "keep":
    case "end": {
      const endedAt = step.do === "end" ? now : null;
      if (!group) return false;
      await groupRevise(client, trustDomainId, group.id, { state: step.state, endedAt, priority }, facts);
      const moved = step.do === "end" || step.state !== group.state;
      if (moved) await tell(group.id, step.do === "end" ? "resolved" : step.state);
      return moved;
    }
    case "follow":
      if (!group) return false;
      await groupRevise(
        client,
        trustDomainId,
        group.id,
        { state: group.state, endedAt: now, priority },
        facts,
      );
      await tell(group.id, "resolved");
      await make(group.id, step.link, "regressed");
      return true;
  }
}
