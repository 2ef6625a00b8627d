/** Which groups a decision is about, held so that nobody else decides them meanwhile. */
import type { Tx } from "#db/client";
import { type GroupRow, groupCounts, groupPage, groupsByIds, groupsLock } from "#db/queries/drift-group";
import { BULK_MAX, type DriftDecided, type GroupSelection } from "#lib/contracts/drift-group";
import { isDecidable } from "#lib/domain/drift-group";
import { ProblemError } from "#lib/domain/problems";
import { driftQueryOf } from "./list.ts";

export type Chosen = {
  trustDomainId: string;
  groups: GroupRow[];
  left: DriftDecided["left"];
};

/** What was counted on screen may move this much before a bulk decision is refused. */
const MOVED_SHARE = 0.1;

/**
 * The groups that can still be decided, locked; and the others, with who was first.
 *
 * @throws {ProblemError} `drift/not-found`, `drift/decided` when none is left, `drift/selection-moved`
 */
export async function chosenGroups(
  tx: Tx,
  scope: readonly string[],
  selection: GroupSelection,
  now: Date,
): Promise<Chosen> {
  const ids = "ids" in selection ? [...new Set(selection.ids)] : await matchingIds(tx, scope, selection, now);
  const locked = await groupsLock(tx, scope, ids);
  const known = new Set(locked.map(({ id }) => id));
  const missing = ids.find((id) => !known.has(id));
  const [first] = locked;
  if (missing !== undefined || !first)
    throw new ProblemError("drift/not-found", `No drift group ${missing}.`);
  const { trustDomainId } = first;
  if (locked.some((group) => group.trustDomainId !== trustDomainId)) {
    throw new ProblemError("request/invalid", "Decide groups of one trust domain at a time.");
  }
  const groups = locked.filter(isOpen);
  const left = await whoWasFirst(
    tx,
    scope,
    locked.filter((group) => !isOpen(group)),
  );
  if (groups.length === 0) throw new ProblemError("drift/decided", left[0]?.detail ?? "");
  return { trustDomainId, groups, left };
}

const isOpen = ({ state, endedAt }: GroupRow) => isDecidable({ state, endedMs: endedAt?.getTime() ?? null });

async function matchingIds(
  tx: Tx,
  scope: readonly string[],
  { tab, q, expected }: Extract<GroupSelection, { expected: number }>,
  now: Date,
): Promise<string[]> {
  const query = driftQueryOf(q);
  const counts = await groupCounts(tx, scope, { query, now });
  const found = counts.find((row) => row.tab === tab)?.groups ?? 0;
  if (Math.abs(found - expected) > expected * MOVED_SHARE || found > BULK_MAX) {
    throw new ProblemError(
      "drift/selection-moved",
      `You saw ${expected} groups; now ${found} match, of at most ${BULK_MAX}. Look again.`,
    );
  }
  const { ids } = await groupPage(tx, scope, {
    query,
    tab,
    now,
    sort: "priority",
    after: null,
    limit: BULK_MAX,
  });
  return ids;
}

const WORDS: Readonly<Record<GroupRow["state"], string>> = {
  undecided: "put it back",
  regressed: "put it back",
  accepted: "accepted it",
  ignored: "ignored it",
  remediating: "handed it to remediation",
  resolved: "resolved it",
};

async function whoWasFirst(
  tx: Tx,
  scope: readonly string[],
  decided: readonly GroupRow[],
): Promise<DriftDecided["left"]> {
  const rows = await groupsByIds(
    tx,
    scope,
    decided.map(({ id }) => id),
  );
  return rows.map(({ id, path, state, decidedByEmail, decidedAt }) => ({
    id,
    path,
    detail:
      decidedByEmail && decidedAt
        ? `${decidedByEmail} ${WORDS[state]} at ${decidedAt.toISOString()}.`
        : state === "ignored"
          ? "An exception covers all of its nodes."
          : "Nobody shows the change any more.",
  }));
}
