/** Judging many nodes at once, for pipelines that must not deploy where trust is missing. */
import { admissionNodesById } from "#db/queries/admission";
import { type GatePage, GateQuery } from "#lib/contracts/admission";
import { type AdmissionRule, DEFAULT_ADMISSION_RULE, decideAdmission } from "#lib/domain/admission";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { parseInput } from "#lib/services/input";
import { nodeList } from "#lib/services/node/list";
import { factsOf } from "./facts.ts";

/**
 * A page of the nodes that match, each judged by what the caller requires, read from the database and not from a copy.
 *
 * The rule of the trust domain plays no part: a pipeline says what it needs. Warnings do not stop it, but are told.
 *
 * @throws {ProblemError} `auth/forbidden`, `request/invalid`
 */
export async function gate(ctx: ServiceContext, asked: GateQuery): Promise<GatePage> {
  const scope = readScope(ctx, "admission:ask");
  const { q, require, maxAgeSeconds, cursor, limit } = parseInput(GateQuery, asked, "/query");
  const list = await nodeList(ctx, { q, sort: "name", limit, ...(cursor === undefined ? {} : { cursor }) });
  const rows = await admissionNodesById(
    ctx.db,
    scope,
    list.items.map(({ id }) => id),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  const maxEvidenceAgeMs = maxAgeSeconds === undefined ? null : maxAgeSeconds * 1_000;
  const work = { require, unknown: "deny", stale: "deny", maxEvidenceAgeMs } as const;
  const rule: AdmissionRule = { ...DEFAULT_ADMISSION_RULE, work };
  const nowMs = ctx.now().getTime();
  return {
    items: list.items.map(({ id, displayName, status }) => {
      const row = byId.get(id);
      const subject = row ? ({ kind: "node", facts: factsOf(row) } as const) : ({ kind: "unknown" } as const);
      const answer = decideAdmission({ purpose: "work", subject, rule, knowledge: { asOfMs: nowMs }, nowMs });
      const reasons = answer.reasons.map(({ code, answer: own, text }) => ({ code, answer: own, text }));
      return { id, name: displayName, status, decision: answer.decision, reasons };
    }),
    total: list.total,
    nextCursor: list.nextCursor,
  };
}
