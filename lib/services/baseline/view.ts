/** Baselines as the wire shows them. */

import type { Soundness } from "#db/baseline-soundness";
import type { ListedBaseline, ListedVersion, RolloutRow } from "#db/queries/baseline";
import type { BaselineSummary, BaselineView, RolloutView, VersionView } from "#lib/contracts/baseline";
import type { Rollout, RolloutPart } from "#lib/domain/baseline";
import { type BaselineCourse, rolloutsAt } from "#lib/domain/baseline-course";
import { makeFits, type StandingNode, standingOf, versionStanding } from "#lib/domain/baseline-standing";
import { scopeSentence, toleranceSentences } from "#lib/domain/baseline-words";
import { selectorWords } from "#lib/domain/selector-words";
import { TOOLS } from "./tools.ts";

/** A baseline with everything that is stored about it. */
export type StoredBaseline = {
  baseline: ListedBaseline;
  /** The newest first, each with what its stored content is worth. */
  versions: readonly (ListedVersion & { soundness: Soundness })[];
  rollouts: readonly RolloutRow[];
};

const rolloutOf = ({ version, part, selector, percent, validFrom, validTo }: RolloutRow): Rollout => ({
  version,
  part: part as RolloutPart,
  selector,
  percent,
  fromMs: validFrom.getTime(),
  toMs: validTo?.getTime() ?? null,
});

/** What holds, by what is sound. */
function courseOf({ baseline, versions, rollouts }: StoredBaseline): BaselineCourse {
  const { id, name, selector, sourceId, submod } = baseline;
  const sound = versions.filter(({ soundness }) => soundness.state === "sound");
  const contents = new Map(sound.map(({ version, content }) => [version, content]));
  const own = rollouts.map(rolloutOf).filter(({ version }) => contents.has(version));
  return { id, name, selector, sourceId, submod, rollouts: own, contents };
}

type Standing = { summary: BaselineSummary; targets: ReadonlyMap<number, number> };

export function summaryOf(stored: StoredBaseline, nodes: readonly StandingNode[], nowMs: number): Standing {
  const { baseline, versions, rollouts } = stored;
  const course = courseOf(stored);
  const fits = makeFits(course.contents, TOOLS);
  const standing = { selected: 0, covered: 0, matching: 0 };
  const targets = new Map<number, number>();
  for (const node of nodes) {
    const found = standingOf(course, node, nowMs, TOOLS, fits);
    if (!found) continue;
    standing.selected += 1;
    if (found.covered) standing.covered += 1;
    if (found.matching) standing.matching += 1;
    if (found.target !== null) targets.set(found.target, (targets.get(found.target) ?? 0) + 1);
  }
  const active = rolloutsAt(course.rollouts, nowMs);
  const target = active.filter(({ part }) => part === "target").map(({ version }) => version);
  const [newest] = versions;
  const changes = [
    { at: baseline.createdAt, by: baseline.createdByEmail },
    ...(newest ? [{ at: newest.createdAt, by: newest.authorEmail }] : []),
    ...versions.flatMap(({ publishedAt, authorEmail }) =>
      publishedAt ? [{ at: publishedAt, by: authorEmail }] : [],
    ),
    ...rollouts.map(({ createdAt }) => ({ at: createdAt, by: null })),
  ].sort((a, b) => b.at.getTime() - a.at.getTime());
  const [last = { at: baseline.createdAt, by: null }] = changes;
  const summary: BaselineSummary = {
    id: baseline.id,
    name: baseline.name,
    description: baseline.description,
    selector: baseline.selector,
    selectorWords: selectorWords(baseline.selector),
    lane: { sourceId: baseline.sourceId, sourceName: baseline.sourceName, submod: baseline.submod },
    current: mostOf(targets) ?? (target.length > 0 ? Math.max(...target) : null),
    active: [...new Set(active.map(({ version }) => version))].sort((a, b) => a - b),
    draft: versions.find(({ state }) => state === "draft")?.version ?? null,
    standing,
    tampered: versions
      .filter(({ soundness }) => soundness.state === "tampered")
      .map(({ version }) => version),
    lastChange: { at: last.at.toISOString(), by: last.by },
  };
  return { summary, targets };
}

/** The version with the most nodes; of equals the later one. */
function mostOf(targets: ReadonlyMap<number, number>): number | null {
  const ranked = [...targets].sort(([a, x], [b, y]) => y - x || b - a);
  return ranked[0]?.[0] ?? null;
}

/** @param approvers e-mail addresses by account id */
export function baselineView(
  stored: StoredBaseline,
  nodes: readonly StandingNode[],
  approvers: ReadonlyMap<string, string>,
  nowMs: number,
): BaselineView {
  const { baseline, versions, rollouts } = stored;
  const { summary, targets } = summaryOf(stored, nodes, nowMs);
  const fits = makeFits(new Map(versions.map(({ version, content }) => [version, content])), TOOLS);
  return {
    ...summary,
    createdAt: baseline.createdAt.toISOString(),
    createdBy: baseline.createdByEmail,
    versions: versions.map(
      (row): VersionView => ({
        version: row.version,
        state: row.state as VersionView["state"],
        digest: row.digest.toString("hex"),
        origin: row.origin as VersionView["origin"],
        originSentence: originSentence(row.origin, row.originDetail),
        note: row.note,
        author: row.authorEmail,
        createdAt: row.createdAt.toISOString(),
        publishedAt: row.publishedAt?.toISOString() ?? null,
        entries: Object.keys(row.content.entries).length,
        scopeSentence: scopeSentence(row.content),
        ignore: [...row.content.ignore],
        toleranceSentences: toleranceSentences(row.content),
        signature: signatureView(row.soundness, approvers),
        standing: versionStanding(baseline, row.version, nodes, TOOLS, fits),
        targetNodes: targets.get(row.version) ?? 0,
      }),
    ),
    rollouts: rollouts.map((row) => rolloutView(row, nowMs)),
  };
}

function signatureView(
  soundness: Soundness,
  approvers: ReadonlyMap<string, string>,
): VersionView["signature"] {
  if (soundness.state !== "sound") return soundness;
  const { kid, statement } = soundness;
  const { approver, approvedAt, changeRequestId } = statement;
  return { state: "sound", kid, approver: approvers.get(approver) ?? null, approvedAt, changeRequestId };
}

function rolloutView(row: RolloutRow, nowMs: number): RolloutView {
  const { fromMs, toMs, ...rollout } = rolloutOf(row);
  const isOver = toMs !== null && (toMs <= nowMs || toMs <= fromMs);
  return {
    ...rollout,
    id: row.id,
    selectorWords: selectorWords(row.selector),
    from: row.validFrom.toISOString(),
    to: row.validTo?.toISOString() ?? null,
    state: isOver ? "ended" : fromMs > nowMs ? "upcoming" : "active",
    changeRequestId: row.changeRequestId,
  };
}

/** Where a version came from, as a sentence. */
function originSentence(origin: string, detail: unknown): string {
  const stated = (detail ?? {}) as Record<string, unknown>;
  switch (origin) {
    case "golden_node":
      return `Made from what ${stated.name} said.`;
    case "cohort":
      return `Made from what most of ${stated.nodes} nodes said; ${stated.outliers} of them differ.`;
    case "keylime":
      return stated.file === "refstate"
        ? "Read from a Keylime reference state."
        : "Read from a Keylime runtime policy.";
    case "drift":
      return "Made from an accepted change.";
    default:
      return "Written as a document.";
  }
}
