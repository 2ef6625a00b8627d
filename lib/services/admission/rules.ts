/** The admission rules of every visible domain, and what they would answer about its nodes now. */
import { admissionDomains, admissionNodePage, admissionRuleNewest } from "#db/queries/admission";
import { trustDomainRows } from "#db/queries/trust-domain";
import type { AdmissionRules } from "#lib/contracts/admission";
import { ADMISSION_PURPOSES, type AdmissionDecision, decideAdmission } from "#lib/domain/admission";
import { type RuleInForce, type RulesInForce, ruleOfDomain, rulesInForce } from "#lib/domain/admission-rules";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { iso } from "#lib/services/instant";
import { factsOf } from "./facts.ts";

const PAGE = 1_000;

type Counts = Record<AdmissionDecision, number>;
type DomainCounts = { nodes: number; join: Counts; work: Counts };
const nobody = (): Counts => ({ allow: 0, warn: 0, deny: 0 });

/** @throws {ProblemError} `auth/forbidden` */
export async function admissionRules(ctx: ServiceContext): Promise<AdmissionRules> {
  const scope = readScope(ctx, "fleet:read");
  const visible = await trustDomainRows(ctx.db, scope);
  const inForce = rulesInForce(await admissionDomains(ctx.db));
  const newest = new Map((await admissionRuleNewest(ctx.db, scope)).map((row) => [row.trustDomainId, row]));
  const counts = await countNow(ctx, scope, inForce);
  return {
    domains: visible.map(({ id, name }) => {
      const own = newest.get(id);
      const { rule, origin } = ruleOfDomain(inForce, id);
      const { nodes, join, work } = counts.get(id) ?? { nodes: 0, join: nobody(), work: nobody() };
      return {
        trustDomainId: id,
        name,
        version: own?.version ?? 0,
        origin: origin as Exclude<RuleInForce["origin"], "strictest">,
        rule,
        reason: own?.reason ?? null,
        changedAt: own ? iso(own.validFrom.getTime()) : null,
        changedBy: own?.authorEmail ?? null,
        nodes,
        now: { join, work },
      };
    }),
  };
}

/** Every node is asked about, as an API server would. */
async function countNow(
  ctx: ServiceContext,
  scope: readonly string[],
  inForce: RulesInForce,
): Promise<ReadonlyMap<string, DomainCounts>> {
  const counts = new Map<string, DomainCounts>();
  const nowMs = ctx.now().getTime();
  const asked = new Set(scope);
  for (let after: { trustDomainId: string; id: string } | null = null; ; ) {
    const rows = await admissionNodePage(ctx.db, after, PAGE);
    for (const row of rows.filter(({ trustDomainId }) => asked.has(trustDomainId))) {
      const own = counts.get(row.trustDomainId) ?? { nodes: 0, join: nobody(), work: nobody() };
      const { rule } = ruleOfDomain(inForce, row.trustDomainId);
      const subject = { kind: "node", facts: factsOf(row) } as const;
      for (const purpose of ADMISSION_PURPOSES) {
        const knowledge = { asOfMs: nowMs };
        own[purpose][decideAdmission({ purpose, subject, rule, knowledge, nowMs }).decision] += 1;
      }
      own.nodes += 1;
      counts.set(row.trustDomainId, own);
    }
    const last = rows.at(-1);
    if (rows.length < PAGE || !last) return counts;
    after = { trustDomainId: last.trustDomainId, id: last.id };
  }
}
