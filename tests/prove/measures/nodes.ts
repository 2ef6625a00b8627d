/** Measures about nodes and their failures: what each should be, from what was sent and recorded. */
import {
  type Course,
  courseOf,
  laneOf,
  type OracleWorld,
  type Period,
  standingOf,
  type Word,
} from "./course.ts";
import type { Recorded, Stretch } from "./recorded.ts";
import { type Row, type Rows, row } from "./sums.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;

/** What is asked about: which nodes, over which time. */
export type Question = { world: OracleWorld; recorded: Recorded; nodes: readonly string[]; period: Period };

export const holds = ({ fromMs, toMs }: Stretch, atMs: number): boolean =>
  fromMs <= atMs && (toMs === null || toMs > atMs);

export const inside = (ms: number | null, { fromMs, toMs }: Period): ms is number =>
  ms !== null && ms >= fromMs && ms < toMs;

const earliest = (all: readonly number[]): number | null => (all.length === 0 ? null : Math.min(...all));

/** When a node entered a state of its life for the first time, of those steps that satisfy a condition. */
const entered = (
  { transitions }: Recorded,
  node: string,
  states: readonly string[],
  counts: (atMs: number) => boolean = () => true,
): number[] =>
  transitions
    .filter((step) => step.node === node && step.moved && states.includes(step.to) && counts(step.atMs))
    .map(({ atMs }) => atMs);

const goneMs = (recorded: Recorded, node: string): number =>
  earliest(entered(recorded, node, ["decommissioned"])) ?? Number.POSITIVE_INFINITY;

type Life = { node: string; course: Course };

export function nodeMeasures(question: Question): Record<string, Rows> {
  const { world, nodes, period } = question;
  const lives = nodes.map((node) => ({ node, course: courseOf(world, node, period.nowMs) }));
  return {
    ...endMeasures(question, lives),
    ...failureMeasures(question, lives),
    M02: { rows: lives.flatMap((life) => timeOf(question, life)) },
    M08: { rows: nodes.flatMap((node) => detectionsOf(question, node)) },
    M14: { rows: nodes.flatMap((node) => admissionsOf(question, node)) },
    enrolment: { rows: nodes.flatMap((node) => enrolmentOf(question, node)) },
    "time-to-trust": { rows: nodes.flatMap((node) => timeToTrust(question, node)) },
  };
}

/** Measures with a row for each node that was there at the end of the period. */
function endMeasures(question: Question, lives: readonly Life[]): Record<string, Rows> {
  const { world, recorded, period } = question;
  const { toMs, nowMs } = period;
  const there = lives.flatMap(({ node, course }) => {
    const word = course.findLast(({ atMs }) => atMs <= toMs)?.word;
    return word && goneMs(recorded, node) > toMs ? { node, word } : [];
  });
  const ages = there.map(({ node }): Row => {
    const heard = world.sources
      .flatMap((source) => laneOf(world, node, source))
      .filter((one) => one.atMs <= toMs);
    if (heard.length === 0) return row("not_covered");
    const ageMs = toMs - Math.max(...heard.map(({ atMs }) => atMs));
    return row(ageMs <= DAY ? "met" : "stale", ageMs);
  });
  const claim = (place: number, layers: readonly string[]): Rows => ({
    rows: there.map(({ node, word }) => {
      const stated = standingOf(world, node, toMs, nowMs).map(({ vector }) => vector[place] ?? 0);
      const differs = recorded.findings.some(
        (one) =>
          one.node === node &&
          holds(one, toMs) &&
          layers.includes(one.layer) &&
          ["unexplained", "malicious_like"].includes(one.class) &&
          !one.excused,
      );
      return claimRow(word, stated, differs);
    }),
  });
  const silentSources = recorded.sourceFindings.filter((one) => one.kind === "silent" && holds(one, toMs));
  const silentNodes = there.filter(({ word }) => word === "stale");
  return {
    M01: { rows: ages },
    "evidence-age": { rows: ages },
    M03: { rows: [...silentNodes, ...silentSources].map(() => row("missed")), basis: there.length },
    M04: claim(2, ["boot", "secure_boot", "kernel", "cmdline"]),
    M05: claim(4, ["firmware"]),
    M06: claim(3, ["ima_file", "container_runtime", "image", "config"]),
    M07: {
      rows: there.map(({ node }) => {
        const compared = recorded.compared.filter((one) => one.node === node && holds(one, toMs));
        return row(compared.some(({ baselines }) => baselines > 0) ? "met" : "missed");
      }),
    },
    M22: { rows: there.map(({ node }) => imageRow(question, node)) },
    M15: {
      rows: there.map(({ node }) => {
        const hardware = ["ek_sha256", "ak_sha256", "devid_fp", "psa_instance", "cca_platform_instance"];
        const bound = recorded.identities.some(
          (one) => one.node === node && one.strong && hardware.includes(one.kind) && holds(one, toMs),
        );
        const disputed = recorded.alarms.some((one) => one.node === node && holds(one, toMs));
        return row(bound && !disputed ? "met" : "missed");
      }),
    },
  };
}

/** Affirming are 2 to 31 and their mirror image; −1 to 1 state nothing; all else is doubt. */
function claimRow(word: Word, stated: readonly number[], differs: boolean): Row {
  const affirms = (value: number) => (value >= 2 && value <= 31) || (value <= -2 && value >= -32);
  if (word === "stale") return row("stale");
  if (differs || stated.some((value) => Math.abs(value) > 1 && !affirms(value))) return row("missed");
  return row(stated.some(affirms) ? "met" : "not_covered");
}

/** What the newest image event that counts said: a person's word and distrusted keys count for nothing. */
function imageRow({ world, recorded, period: { toMs } }: Question, node: string): Row {
  const counted = recorded.images
    .filter((one) => one.node === node && !one.linked && one.atMs <= toMs)
    .filter(({ source, kid, atMs, receivedMs }) => {
      const rules = world.sources.find(({ name }) => name === source)?.distrusted ?? [];
      return !rules.some((rule) => rule.kid === kid && (atMs >= rule.sinceMs || receivedMs >= rule.sinceMs));
    })
    .sort((a, b) => a.atMs - b.atMs || a.receivedMs - b.receivedMs);
  const verified = counted.at(-1)?.verified ?? null;
  return row(verified === null ? "not_covered" : verified ? "met" : "missed");
}

const TIME = {
  trusted: "met",
  stale: "stale",
  pending: "not_covered",
  degraded: "missed",
  failed: "missed",
} as const;

/** Time of one node by what it counts as; nothing counts once it is decommissioned. */
function timeOf({ recorded, period: { fromMs, toMs } }: Question, { node, course }: Life): Row[] {
  const spent = new Map<Row["verdict"], number>();
  const endMs = Math.min(toMs, goneMs(recorded, node));
  for (const [index, { atMs, word }] of course.entries()) {
    const nextMs = course[index + 1]?.atMs ?? Number.POSITIVE_INFINITY;
    const ms = Math.min(nextMs, endMs) - Math.max(atMs, fromMs);
    if (ms > 0) spent.set(TIME[word], (spent.get(TIME[word]) ?? 0) + ms);
  }
  return [...spent].map(([verdict, ms]) => ({ verdict, weight: ms, value: ms }));
}

type Failure = { node: string; beganMs: number; restoredMs: number | null };

function failuresOf({ node, course }: Life, toMs: number): Failure[] {
  const failures: Failure[] = [];
  for (const { atMs, word } of course) {
    if (atMs >= toMs) break;
    const last = failures.at(-1);
    if (word === "failed" && last?.restoredMs !== null)
      failures.push({ node, beganMs: atMs, restoredMs: null });
    if (word === "trusted" && last?.restoredMs === null) last.restoredMs = atMs;
  }
  return failures;
}

function failureMeasures({ recorded, period }: Question, lives: readonly Life[]): Record<string, Rows> {
  const { toMs } = period;
  const failures = lives.flatMap((life) => failuresOf(life, toMs));
  const basis = failures.length;
  const restores = failures.flatMap(({ beganMs, restoredMs }) => {
    if (restoredMs === null) return row("open", toMs - beganMs);
    const ms = restoredMs - beganMs;
    return inside(restoredMs, period) ? row(ms <= DAY ? "met" : "missed", ms) : [];
  });
  const contains = failures.flatMap(({ node, beganMs, restoredMs }) => {
    const during = (ms: number) => ms >= beganMs && ms < (restoredMs ?? toMs);
    const contained = earliest(entered(recorded, node, ["quarantined"], during));
    if (contained === null) return restoredMs === null ? row("open", toMs - beganMs) : [];
    return inside(contained, period) ? row("met", contained - beganMs) : [];
  });
  const responses = failures
    .filter(({ beganMs }) => inside(beganMs, period) && beganMs + 15 * MINUTE <= toMs)
    .map(({ node, beganMs }) => {
      const asked = recorded.remediations
        .filter(({ nodes, origin }) => nodes.includes(node) && origin !== "drill" && origin !== "real_drill")
        .map(({ requestedMs }) => requestedMs)
        .filter((ms) => ms >= beganMs && ms <= beganMs + 15 * MINUTE);
      const first = earliest(asked);
      return first === null ? row("missed") : row("met", first - beganMs);
    });
  return {
    M11: { rows: responses, basis },
    M12: { rows: restores, basis },
    contain: { rows: contains, basis },
  };
}

/** Each failure of a lane is a bad verdict with no other bad one since the last good one. */
function detectionsOf({ world, period }: Question, node: string): Row[] {
  return world.sources.flatMap((source) => {
    const rows: Row[] = [];
    let passedMs: number | null = null;
    let failing = false;
    for (const { says, atMs, receivedMs } of laneOf(world, node, source)) {
      if (says === "good") [passedMs, failing] = [atMs, false];
      if (says !== "bad" || failing) continue;
      failing = true;
      if (!inside(atMs, period)) continue;
      const ms = passedMs === null ? null : receivedMs - passedMs;
      rows.push(ms === null ? row("not_covered") : row(ms <= DAY ? "met" : "missed", ms));
    }
    return rows;
  });
}

function admissionsOf({ world, recorded, period }: Question, node: string): Row[] {
  const passes = world.sources
    .flatMap((source) => laneOf(world, node, source))
    .filter(({ says }) => says === "good");
  return entered(recorded, node, ["trusted"], (ms) => inside(ms, period)).map((ms) =>
    row(passes.some(({ atMs }) => atMs <= ms) ? "met" : "missed"),
  );
}

function enrolmentOf({ recorded, period }: Question, node: string): Row[] {
  const before = (ms: number) => ms < period.toMs;
  const began = earliest(entered(recorded, node, ["enrolling"], before));
  if (began === null || !inside(began, period)) return [];
  const after = (ms: number) => before(ms) && ms >= began;
  const trusted = earliest(entered(recorded, node, ["trusted"], after));
  if (trusted !== null) return [row("met", trusted - began)];
  return [
    row(entered(recorded, node, ["failed", "decommissioned"], after).length > 0 ? "missed" : "not_covered"),
  ];
}

function timeToTrust({ world, recorded, period }: Question, node: string): Row[] {
  const trusted = earliest(entered(recorded, node, ["trusted"], (ms) => ms < period.toMs));
  const firstMs = world.firstMs.get(node);
  if (trusted === null || firstMs === undefined || !inside(trusted, period)) return [];
  return [row("met", trusted - firstMs)];
}
