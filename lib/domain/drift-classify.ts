/**
 * What the differences between a measurement set and its baselines amount to.
 *
 * Pure, and a function of nothing but its arguments: the same evidence, versions, exceptions, windows
 * and settings give the same answer, so an answer can be kept and used again.
 */
import { type BaselineContent, STRICT, type ToleranceEffect } from "./baseline.ts";
import { DRIFT_CLASSES, type DriftClass, type DriftInterval } from "./drift.ts";
import { compareWithBaseline, type Difference, type PathMatch } from "./drift-compare.ts";
import { type Exception, effectOf, type OpenWindow, RULES, type RuleCase } from "./drift-rules.ts";
import type { DriftSettings } from "./drift-settings.ts";
import { rankOfEffect, weigh } from "./drift-weigh.ts";
import { type Layer, layerOf } from "./layers.ts";
import type { Measurements } from "./verdict.ts";

/** A version with its patterns made ready. */
export type Version = { version: number; content: BaselineContent; ignores: PathMatch };

/** One baseline that speaks about the lane, and what of it holds for the node. */
export type Expectation = {
  id: string;
  name: string;
  target: Version;
  /** Other versions in force. */
  accepted: readonly Version[];
  /** Exceptions that reach the node and this baseline, in a fixed order: the first that matches counts. */
  exceptions: readonly Exception[];
};

/** What else counts at the instant. */
export type Moment = { windows: readonly OpenWindow[]; settings: DriftSettings; role: string | null };

/** One difference and what it is. */
export type ClassifiedFinding = Difference & {
  baselineId: string;
  baselineVersion: number;
  layer: Layer;
  class: DriftClass;
  /** Id in the table of rules. */
  rule: string;
  why: string;
  effect: ToleranceEffect;
  score: number;
  exceptionId: string | null;
  windowId: string | null;
};

/** What a drift interval says, without its place in time. */
export type Assessment = Pick<
  DriftInterval,
  "worst" | "effect" | "score" | "findings" | "reason" | "baselines"
> & {
  /** From the worst on. At most {@link MAX_LISTED} of those that matter and {@link MAX_ALLOWED} of the others. */
  list: readonly ClassifiedFinding[];
};

/** Findings of one lane that are kept one by one; the counts are exact whatever is kept. */
const MAX_LISTED = 1_000;
const MAX_ALLOWED = 200;

const rankOfClass = (cls: DriftClass) => DRIFT_CLASSES.indexOf(cls);

/** Compare a measurement set with all that is expected of it, and judge every difference. */
export function assessDrift(
  measured: Measurements,
  expectations: readonly Expectation[],
  moment: Moment,
): Assessment {
  const found = expectations
    .flatMap((expectation) => classify(measured, expectation, moment))
    .sort(worstFirst);
  const [first] = found;
  const findings = Object.fromEntries(DRIFT_CLASSES.map((cls) => [cls, 0])) as Record<DriftClass, number>;
  for (const { class: cls } of found) findings[cls] += 1;
  const baselines = expectations.map((expectation) => ({
    id: expectation.id,
    name: expectation.name,
    version: bestVersion(measured, expectation),
  }));
  const { score, effect, lifted } = weigh(
    found.map((finding) => ({ ...finding, count: 1 })),
    moment.settings,
  );
  return {
    worst: first?.class ?? null,
    effect,
    score,
    findings,
    reason: first ? reasonOf(first, found, lifted) : `Matches ${namesOf(baselines)}`,
    baselines,
    list: kept(found),
  };
}

function classify(
  measured: Measurements,
  { id, target, accepted, exceptions }: Expectation,
  { windows, settings, role }: Moment,
): ClassifiedFinding[] {
  return compareWithBaseline(target.content, measured, target.ignores).map((difference) => {
    const layer = layerOf(difference.path);
    const tolerance = target.content.tolerances[layer] ?? STRICT;
    const known: RuleCase = {
      ...difference,
      layer,
      tolerance,
      acceptedBy: accepted.filter((version) => accepts(version, difference)).map(({ version }) => version),
      exception: exceptions.find(({ matches }) => matches(difference.path)) ?? null,
      window: windows.find(({ layers }) => layers.includes(layer)) ?? null,
      role,
    };
    const { rule, why } = decide(known);
    return {
      ...difference,
      baselineId: id,
      baselineVersion: target.version,
      layer,
      class: rule.class,
      rule: rule.id,
      why,
      effect: effectOf(rule.class, tolerance),
      score: settings[layer].weights[rule.class],
      exceptionId: rule.id === "exception" ? (known.exception?.id ?? null) : null,
      windowId: rule.id === "maintenance-window" ? (known.window?.id ?? null) : null,
    };
  });
}

function decide(known: RuleCase): { rule: (typeof RULES)[number]; why: string } {
  for (const rule of RULES) {
    const why = rule.decide(known);
    if (why !== null) return { rule, why };
  }
  throw new Error("the last rule decides every case");
}

/** Whether a version has nothing against what was found at the path. */
function accepts({ content, ignores }: Version, { path, actual }: Difference): boolean {
  if (ignores(path)) return true;
  const values = Object.hasOwn(content.entries, path) ? (content.entries[path] ?? null) : null;
  if (actual === null) return values === null;
  if (values !== null) return values.includes(actual);
  // An addition that lies outside its scope is nothing that the version has ever agreed to.
  return false;
}

/** The version from which the set differs least; of equal ones the target, then the younger. */
function bestVersion(measured: Measurements, { target, accepted }: Expectation): number {
  if (accepted.length === 0) return target.version;
  const candidates = [target, ...[...accepted].sort((a, b) => b.version - a.version)];
  const counts = candidates.map(
    ({ content, ignores }) => compareWithBaseline(content, measured, ignores).length,
  );
  return candidates[counts.indexOf(Math.min(...counts))]?.version ?? target.version;
}

function worstFirst(a: ClassifiedFinding, b: ClassifiedFinding): number {
  return (
    rankOfClass(b.class) - rankOfClass(a.class) ||
    rankOfEffect(b.effect) - rankOfEffect(a.effect) ||
    b.score - a.score ||
    compareText(a.path, b.path) ||
    compareText(a.baselineId, b.baselineId)
  );
}

const compareText = (a: string, b: string) => (a < b ? -1 : +(a > b));

function kept(found: readonly ClassifiedFinding[]): ClassifiedFinding[] {
  const matters = ({ class: cls }: ClassifiedFinding) => cls === "unexplained" || cls === "malicious_like";
  return [
    ...found.filter(matters).slice(0, MAX_LISTED),
    ...found.filter((finding) => !matters(finding)).slice(0, MAX_ALLOWED),
  ];
}

const CLASS_WORDS: Readonly<Record<DriftClass, string>> = {
  authorised: "Authorised change",
  benign: "Benign difference",
  unexplained: "Unexplained drift",
  malicious_like: "Looks like an attack",
};

function reasonOf(
  worst: ClassifiedFinding,
  all: readonly ClassifiedFinding[],
  lifted: string | null,
): string {
  const more = all.length > 1 ? ` (and ${all.length - 1} more)` : "";
  return `${CLASS_WORDS[worst.class]}: ${worst.path}, ${worst.why}${more}${lifted ? `; ${lifted}` : ""}`;
}

const namesOf = (baselines: DriftInterval["baselines"]) =>
  baselines.map(({ name, version }) => `${name} version ${version}`).join(" and ");
