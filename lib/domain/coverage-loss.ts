/**
 * Where a verifier checks less than it did before and the node passes all the same.
 *
 * Pure, and independent of the order of arrival. Times are epoch milliseconds.
 */

/** One stretch of a line of evidence, with what its verdicts said about their own reach. */
export type CoveredStretch = {
  fromMs: number;
  toMs: number | null;
  /** Only a pass can hide a weaker check; of other stretches nothing is asked. */
  passes: boolean;
  coverage: readonly string[];
  policyIds: readonly string[];
};

/** A stretch in which a line passed although less was checked than before. */
export type CoverageLoss = {
  fromMs: number;
  toMs: number | null;
  /** `coverage:NAME` for each claim that is gone; `policy` when its policies vanished or accept all. */
  lost: readonly string[];
  coverageBefore: readonly string[];
  coverageAfter: readonly string[];
  policiesBefore: readonly string[];
  policiesAfter: readonly string[];
};

/** Names under which verifiers ship a policy that accepts anything. */
const ACCEPTS_ALL = /(?:accept|allow|permit)[-_ .]?(?:all|any)/i;

/**
 * The losses of one line.
 *
 * What a pass once covered stays the measure until a pass covers it again: weakness does not become
 * normal by lasting. A policy that was replaced by another is a change, not a loss; one that is gone
 * without a successor, or gave way to one that accepts all, is.
 *
 * @param stretches in order of time
 */
export function coverageLosses(stretches: readonly CoveredStretch[]): CoverageLoss[] {
  const losses: CoverageLoss[] = [];
  let measure: Pick<CoveredStretch, "coverage" | "policyIds"> | null = null;
  for (const { fromMs, toMs, passes, coverage, policyIds } of stretches) {
    if (!passes) continue;
    const lost = measure === null ? [] : lostFrom(measure, { coverage, policyIds });
    if (measure === null || lost.length === 0) {
      measure = { coverage, policyIds };
      continue;
    }
    const loss: CoverageLoss = {
      fromMs,
      toMs,
      lost,
      coverageBefore: measure.coverage,
      coverageAfter: coverage,
      policiesBefore: measure.policyIds,
      policiesAfter: policyIds,
    };
    const previous = losses.at(-1);
    if (previous && previous.toMs === fromMs && sameLoss(previous, loss)) previous.toMs = toMs;
    else losses.push(loss);
    // What was added meanwhile is expected from now on, too.
    measure = { ...measure, coverage: [...new Set([...measure.coverage, ...coverage])].sort() };
  }
  return losses;
}

function lostFrom(
  before: Pick<CoveredStretch, "coverage" | "policyIds">,
  after: Pick<CoveredStretch, "coverage" | "policyIds">,
): string[] {
  const lost = before.coverage
    .filter((item) => !after.coverage.includes(item))
    .map((item) => `coverage:${item}`);
  const gone = before.policyIds.some((id) => !after.policyIds.includes(id));
  const successor = after.policyIds.some((id) => !before.policyIds.includes(id));
  const acceptsAll = acceptsAny(after.policyIds) && !acceptsAny(before.policyIds);
  if ((gone && !successor) || acceptsAll) lost.push("policy");
  return lost.sort();
}

const acceptsAny = (policyIds: readonly string[]) => policyIds.some((id) => ACCEPTS_ALL.test(id));

function sameLoss(a: CoverageLoss, b: CoverageLoss): boolean {
  const text = ({ fromMs: _from, toMs: _to, ...said }: CoverageLoss) => JSON.stringify(said);
  return text(a) === text(b);
}

/** Words for what is missing, to follow "the verifier checks less than before". */
export function lossSentence({
  lost,
  policiesBefore,
  policiesAfter,
}: Pick<CoverageLoss, "lost" | "policiesBefore" | "policiesAfter">): string {
  const items = lost
    .filter((item) => item !== "policy")
    .map((item) => item.replace("coverage:", "").replaceAll("_", " "));
  const parts = [
    ...(items.length > 0 ? [`no ${items.join(", no ")}`] : []),
    ...(lost.includes("policy")
      ? [`policy ${policiesAfter.join(", ") || "none"} instead of ${policiesBefore.join(", ")}`]
      : []),
  ];
  return `Passes, but the verifier checks less than before: ${parts.join("; ")}`;
}

/** A source's verifier is weakened in one respect for a stretch. */
export type Weakening = {
  /** As in {@link CoverageLoss.lost}. */
  subject: string;
  fromMs: number;
  toMs: number | null;
  /** Most nodes at once. */
  nodes: number;
  before: readonly string[];
  after: readonly string[];
};

/** A claim is usual when at least this share of the source's nodes had it. */
const USUAL_SHARE = 0.95;
/** From this share of the source's nodes on, it is the verifier that is weaker and not a node. */
const WEAK_SHARE = 0.05;

/** A loss of one node's line. */
export type NodeLoss = CoverageLoss & { nodeId: string };

/**
 * Stretches in which a source checked less than it usually does.
 *
 * @param losses of all lines of the source
 * @param had how many nodes ever had each subject, by subject; `policy` = any policy
 * @param nodes nodes of the source
 */
export function weakeningsOf(
  losses: readonly NodeLoss[],
  had: ReadonlyMap<string, number>,
  nodes: number,
): Weakening[] {
  const subjects = [...new Set(losses.flatMap(({ lost }) => lost))].sort();
  return subjects
    .filter((subject) => (had.get(subject) ?? 0) >= USUAL_SHARE * nodes)
    .flatMap((subject) => {
      const concerned = losses.filter(({ lost }) => lost.includes(subject));
      return stretchesOf(subject, concerned, Math.max(1, Math.ceil(WEAK_SHARE * nodes)));
    });
}

function stretchesOf(subject: string, losses: readonly NodeLoss[], least: number): Weakening[] {
  const changes = losses
    .flatMap((loss) => [
      { atMs: loss.fromMs, delta: 1, loss },
      ...(loss.toMs === null ? [] : [{ atMs: loss.toMs, delta: -1, loss }]),
    ])
    .sort((a, b) => a.atMs - b.atMs);
  const running = new Map<string, number>();
  const found: Weakening[] = [];
  let open: Weakening | null = null;
  for (const [index, { atMs, delta, loss }] of changes.entries()) {
    const lines = (running.get(loss.nodeId) ?? 0) + delta;
    if (lines === 0) running.delete(loss.nodeId);
    else running.set(loss.nodeId, lines);
    // Only between two instants is the count what it is.
    if (changes[index + 1]?.atMs === atMs) continue;
    if (open) open.nodes = Math.max(open.nodes, running.size);
    if (!open && running.size >= least) {
      open = { subject, fromMs: atMs, toMs: null, nodes: running.size, ...beforeAndAfter(subject, loss) };
      found.push(open);
    } else if (open && running.size < least) {
      open.toMs = atMs;
      open = null;
    }
  }
  return found;
}

function beforeAndAfter(subject: string, loss: CoverageLoss): Pick<Weakening, "before" | "after"> {
  return subject === "policy"
    ? { before: loss.policiesBefore, after: loss.policiesAfter }
    : { before: loss.coverageBefore, after: loss.coverageAfter };
}
