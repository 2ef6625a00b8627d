/** Deciding what becomes of drift: accept it, hand it to remediation, give it to somebody, put it aside. */
import type { Tx } from "#db/client";
import { decisionInsert, type GroupRow, groupsMoveDraft, groupUpdate } from "#db/queries/drift-group";
import { DecideDriftBody, type DriftDecided } from "#lib/contracts/drift-group";
import type { DriftClass } from "#lib/domain/drift";
import { rankOf } from "#lib/domain/drift-group";
import { ProblemError } from "#lib/domain/problems";
import { acceptIntoDraft } from "#lib/services/baseline/accept-drift";
import { holderNow, personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import { announce } from "#lib/services/notification/announce";
import { uuidv7 } from "#lib/services/uuidv7";
import { type Chosen, chosenGroups } from "./select.ts";

/** Longest time that a group is put aside for. */
const SNOOZE_MAX_MS = 30 * 86_400_000;

const AWAKE = { snoozedUntil: null, snoozeNodes: null, snoozeRank: null } as const;

/**
 * Decide one group or many. Ignoring is apart, see `ignoreDrift`: it changes what nodes are trusted for.
 *
 * @throws {ProblemError} `drift/not-found`, `drift/decided` with who was first, `drift/selection-moved`,
 *   `drift/no-baseline`, `user/not-found`
 */
export const decideDrift = command({
  name: "drift.decide",
  permission: "drift:triage",
  input: DecideDriftBody,
  target: ({ groups }) => ("ids" in groups ? (groups.ids[0] ?? "-") : "-"),
  async run(tx, ctx, input) {
    const actor = personActor(ctx.actor);
    const at = ctx.now();
    const chosen = await chosenGroups(tx, actor.trustDomainIds, input.groups, at);
    const drafts = await moveGroups(tx, chosen, input, { by: actor.id, at });
    const [first] = chosen.groups;
    const result: DriftDecided = {
      decided: chosen.groups.map(({ id }) => id),
      left: chosen.left,
      drafts,
      exceptionIds: [],
    };
    const { groups: _, ...decision } = input;
    return {
      result,
      audit: {
        trustDomainId: chosen.trustDomainId,
        entity: "drift_group",
        entityId: first?.id ?? "-",
        before: { states: chosen.groups.map(({ state }) => state) },
        after: { ...decision, groups: result.decided, drafts },
      },
    };
  },
});

type Who = { by: string; at: Date };

async function moveGroups(
  tx: Tx,
  chosen: Chosen,
  input: DecideDriftBody,
  who: Who,
): Promise<DriftDecided["drafts"]> {
  switch (input.decision) {
    case "record":
      return record(tx, chosen, input.reason, who);
    case "remediate":
      for (const group of chosen.groups) {
        await moveGroup(tx, group, { state: "remediating" }, { kind: "remediate", ...input, ...who });
      }
      return [];
    case "assign":
      await assign(tx, chosen, input, who);
      return [];
    case "snooze":
      await snooze(tx, chosen, input, who);
      return [];
  }
}

/** Write down a decision and what it makes of the group. A change of state is also who decided it. */
export async function moveGroup(
  tx: Tx,
  group: Pick<GroupRow, "trustDomainId" | "id" | "path">,
  set: Partial<GroupRow>,
  decision: Who & {
    kind: "record" | "ignore" | "remediate" | "assign" | "snooze";
    reason?: string | undefined;
    detail?: Readonly<Record<string, string | number | null>>;
  },
): Promise<void> {
  const { by, at, kind, reason = "", detail = {} } = decision;
  const { trustDomainId, id: groupId } = group;
  const decided = set.state === undefined ? {} : { decidedAt: at, decidedBy: by, ...AWAKE };
  await groupUpdate(tx, group, { ...set, ...decided });
  if (set.state !== undefined)
    await announce(tx, {
      kind: "drift.ended",
      trustDomainId,
      subject: groupId,
      title: `Decided (${set.state}): ${group.path}`,
      summary: reason,
      link: `/drift?peek=${groupId}`,
      at,
    });
  await decisionInsert(tx, {
    trustDomainId,
    id: uuidv7(at),
    groupId,
    at,
    decidedBy: by,
    kind,
    reason,
    detail,
  });
}

/** One draft per baseline, however many groups. */
async function record(
  tx: Tx,
  { trustDomainId, groups }: Chosen,
  reason: string,
  who: Who,
): Promise<DriftDecided["drafts"]> {
  const drafts: DriftDecided["drafts"] = [];
  for (const [baselineId, some] of [...Map.groupBy(groups, (group) => group.baselineId)].sort()) {
    const { version, replaces } = await acceptIntoDraft(tx, {
      trustDomainId,
      baselineId,
      changes: some,
      author: who.by,
      note: reason,
      now: who.at,
    });
    await groupsMoveDraft(tx, { trustDomainId, baselineId }, { from: replaces, to: version });
    for (const group of some) {
      const detail = { baselineId, draftVersion: version };
      await moveGroup(
        tx,
        group,
        { state: "accepted", draftVersion: version },
        { kind: "record", reason, detail, ...who },
      );
    }
    drafts.push({ baselineId, version });
  }
  return drafts;
}

async function assign(
  tx: Tx,
  { trustDomainId, groups }: Chosen,
  { assignee, reason }: Extract<DecideDriftBody, { decision: "assign" }>,
  who: Who,
): Promise<void> {
  const person =
    assignee === null ? null : await holderNow(tx, assignee, trustDomainId, "drift:triage", who.at);
  for (const group of groups) {
    if (assignee !== null && !person?.holds) {
      throw new ProblemError(
        "user/not-found",
        "There is no such person, or their role may not triage drift.",
      );
    }
    const detail = { assignee: person?.email ?? null };
    await moveGroup(tx, group, { assignee }, { kind: "assign", reason, detail, ...who });
  }
}

async function snooze(
  tx: Tx,
  { groups }: Chosen,
  { until, reason }: Extract<DecideDriftBody, { decision: "snooze" }>,
  who: Who,
): Promise<void> {
  const snoozedUntil = new Date(until);
  const aheadMs = snoozedUntil.getTime() - who.at.getTime();
  if (aheadMs <= 0 || aheadMs > SNOOZE_MAX_MS) {
    const detail = "Choose an instant of the next 30 days.";
    throw new ProblemError("request/invalid", detail, { pointers: [{ pointer: "#/until", detail }] });
  }
  for (const group of groups) {
    const extent = { snoozeNodes: group.nodes, snoozeRank: rankOf(group.worst as DriftClass) };
    await moveGroup(
      tx,
      group,
      { snoozedUntil, ...extent },
      { kind: "snooze", reason, detail: { until, nodes: group.nodes }, ...who },
    );
  }
}
