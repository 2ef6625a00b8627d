/** Made-up fleets, baselines and changes of them, for what previews promise. */
import { randomUUID } from "node:crypto";
import fc from "fast-check";
import type { Pool } from "pg";
import type { Db } from "#db/client";
import { type BaselineContent, TOLERANCE_EFFECTS, type Tolerance } from "#lib/domain/baseline";
import { DEFAULT_SETTINGS } from "#lib/domain/drift-settings";
import type { Layer } from "#lib/domain/layers";
import { baselineAdder } from "./baseline-world.ts";
import type { World } from "./ingest-world.ts";
import { type Saying, say } from "./watch-world.ts";

export const NOW = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;
/** Before now, now, and later, in minutes from now; what begins and ends at once is among them. */
const INSTANTS = [-60, -10, 0, 10, 20, 30] as const;

const PATHS = [
  "kernel/release",
  "kernel/modules",
  "secure-boot/enabled",
  "os/image",
  "config/a",
  "config/ab",
];
const VALUES = ["1.0", "1.1", "2.0-rc1", "true", "false"];
const SELECTORS = ["", 'node.labels.role == "gpu"', '"rack" in node.labels'];
const LAYERS: readonly Layer[] = ["kernel", "secure_boot", "config"];

const selector = fc.constantFrom(...SELECTORS);
const measurements = fc.dictionary(fc.constantFrom(...PATHS), fc.constantFrom(...VALUES), {
  noNullPrototype: true,
  minKeys: 1,
});
const tolerance: fc.Arbitrary<Tolerance> = fc.record({
  unexplained: fc.constantFrom(...TOLERANCE_EFFECTS),
  added: fc.constantFrom("drift" as const, "tolerated" as const),
  removed: fc.constantFrom("drift" as const, "tolerated" as const),
  values: fc.constantFrom("exact" as const, "newer" as const),
});
const content: fc.Arbitrary<BaselineContent> = fc.record({
  scope: fc.constantFrom([], [""], ["config"], ["kernel/"], ["config/a"]),
  entries: fc.dictionary(
    fc.constantFrom(...PATHS),
    fc.uniqueArray(fc.constantFrom(...VALUES), { minLength: 1, maxLength: 2 }),
    { noNullPrototype: true, minKeys: 1 },
  ),
  ignore: fc.constantFrom([], ["os/.*"]),
  tolerances: fc
    .tuple(...LAYERS.map((layer) => fc.option(tolerance).map((one) => (one ? { [layer]: one } : {}))))
    .map((parts) => Object.assign({}, ...parts) as BaselineContent["tolerances"]),
});
/** A stretch in minutes from now. */
const stretch = fc
  .tuple(fc.constantFrom(...INSTANTS), fc.option(fc.constantFrom(...INSTANTS)))
  .map(([from, to]) => ({ from, to: to !== null && to > from ? to : null }));
const ending = stretch.map(({ from, to }) => ({ from, to: to ?? 40 }));
const part = fc.constantFrom("target" as const, "accepted" as const);
const percent = fc.constantFrom(100, 100, 60, 25);
const version = fc.constantFrom(1, 2);

const rollout = fc
  .record({ version, part, selector, percent, at: stretch })
  .map(({ at, ...rest }) => ({ ...rest, ...at }));

const baseline = fc.record({
  selector,
  anyLane: fc.boolean(),
  versions: fc.tuple(content, content),
  rollouts: fc.array(rollout, { maxLength: 3 }),
});

const change = fc.oneof(
  fc.record({ kind: fc.constant("publish" as const), content }),
  fc.record({ kind: fc.constant("rollback" as const), version: fc.option(version) }),
  fc.record({
    kind: fc.constant("rollout" as const),
    version,
    part,
    selector,
    percent,
    from: fc.option(fc.constantFrom(5, 15)),
    to: fc.option(fc.constantFrom(25, 35)),
  }),
  fc.record({
    kind: fc.constant("replace" as const),
    version,
    from: fc.option(fc.constantFrom(5, 15)),
    until: fc.constantFrom(15, 25),
  }),
);

/** Everything that a preview may depend on. */
export const previewCases = fc.record({
  nodes: fc.array(
    fc.record({
      labels: fc.constantFrom<Record<string, string>>({}, { role: "gpu" }, { role: "cpu", rack: "r1" }),
      lab: measurements,
      labStatus: fc.constantFrom("affirming", "affirming", "affirming", "warning", "contraindicated"),
      second: fc.option(measurements),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  baselines: fc.tuple(baseline, fc.option(baseline)),
  exception: fc.option(
    fc.record({ pattern: fc.constantFrom("kernel/.*", "config/a"), selector, at: ending }),
  ),
  window: fc.option(fc.record({ layer: fc.constantFrom(...LAYERS), selector, at: ending })),
  /** The layer that degrades at any score. */
  weighed: fc.option(fc.constantFrom(...LAYERS)),
  policy: fc.constantFrom(null, "score", "deaf" as const),
  exempt: fc.option(ending),
  change,
});
export type PreviewCase = typeof previewCases extends fc.Arbitrary<infer C> ? C : never;

export const at = (minute: number) => new Date(NOW + minute * MINUTE);

type Place = { pool: Pool; db: Db; world: World; lab: Source; second: Source };
type Source = { id: string; bearer: string };

/** Put a case's fleet and all that judges it into the world. @returns the id of the baseline to be changed */
export async function buildCase(place: Place, made: PreviewCase): Promise<string> {
  const { pool, db, world, lab, second } = place;
  await report(place, made);
  for (const [index, { labels }] of made.nodes.entries()) {
    await pool.query("UPDATE node SET labels = $3 WHERE trust_domain_id = $1 AND display_name = $2", [
      world.trustDomainId,
      `n${index}`,
      labels,
    ]);
  }
  const add = baselineAdder({ db, home: world.trustDomainId });
  const ids: string[] = [];
  for (const [index, one] of made.baselines.entries()) {
    if (!one) continue;
    const rollouts = one.rollouts.map(({ from, to, ...rest }) => ({
      ...rest,
      ...{ fromMs: at(from).getTime(), toMs: to === null ? null : at(to).getTime() },
    }));
    const sourceId = one.anyLane ? null : (index === 0 ? lab : second).id;
    // The other baseline comes first by name or last, as chance has it.
    const name = `${index === 0 ? "m" : "az"[made.nodes.length % 2]} ${randomUUID()}`;
    ids.push(await add({ name, selector: one.selector, sourceId, versions: one.versions, rollouts }));
  }
  await allow(place, made);
  const [changed] = ids;
  if (!changed) throw new Error("a case has a baseline");
  return changed;
}

async function report({ world, lab, second }: Place, { nodes }: PreviewCase): Promise<void> {
  const atMs = at(-30).getTime();
  const of = (index: number, more: object): Saying => ({ node: `n${index}`, atMs, ...more });
  const sayings = nodes.map((node, index) => of(index, { measurements: node.lab, status: node.labStatus }));
  await say(world, lab.bearer, sayings);
  const others = nodes.flatMap((node, index) =>
    node.second ? [of(index, { measurements: node.second })] : [],
  );
  if (others.length > 0) await say(world, second.bearer, others);
}

async function allow({ pool, world }: Place, made: PreviewCase): Promise<void> {
  const { exception, window, weighed, exempt } = made;
  const key = [world.trustDomainId, randomUUID()];
  if (exception) {
    await pool.query(
      `INSERT INTO drift_exception (trust_domain_id, id, pattern, selector, reason, created_at, valid_from, expires_at)
       VALUES ($1, $2, $3, $4, 'test', $5, $5, $6)`,
      [...key, exception.pattern, exception.selector, at(exception.at.from), at(exception.at.to)],
    );
  }
  if (window) {
    await pool.query(
      `INSERT INTO maintenance_window (trust_domain_id, id, selector, layers, from_at, to_at, reason, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, 'test', $5)`,
      [...key, window.selector, [window.layer], at(window.at.from), at(window.at.to)],
    );
  }
  if (weighed) {
    const settings = { ...DEFAULT_SETTINGS, [weighed]: { ...DEFAULT_SETTINGS[weighed], degradeAt: 1 } };
    await pool.query(
      `INSERT INTO drift_setting (trust_domain_id, version, content, reason, valid_from) VALUES ($1, 1, $2, 'test', $3)`,
      [world.trustDomainId, settings, at(-20)],
    );
  }
  if (exempt) {
    await pool.query(
      `INSERT INTO policy_exception
         (trust_domain_id, id, policy_name, rule_id, selector, reason, created_at, valid_from, valid_to, matches)
       VALUES ($1, $2, 'default', 'drift-failed', '', 'test', $3, $3, $4, 0)`,
      [...key, at(Math.min(exempt.from, 0)), at(Math.max(exempt.to, 1))],
    );
  }
}

/** The document of a content, as people write it. */
export const documentOf = ({ scope, entries, ignore, tolerances }: BaselineContent): string =>
  JSON.stringify({ scope, entries, ignore, tolerances });

/** A policy that looks at scores, or one that does not look at drift at all. */
export const policyOf = (kind: "score" | "deaf") => ({
  when: kind === "score" ? "drift.exists(d, d.score >= 40)" : 'lanes.exists(l, l.state == "failed")',
  status: kind === "score" ? "degraded" : "failed",
});
