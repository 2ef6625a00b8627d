/** The two-person action that lets a version decide. */
import { z } from "zod";
import { type Conn, clientOf } from "#db/client";
import { policyActivationInsert } from "#db/queries/policy";
import { decideAgainInsert } from "#db/queries/policy-work";
import { personOf } from "#lib/domain/change-request";
import { ProblemError } from "#lib/domain/problems";
import { type ChangeKind, changeKind } from "#lib/services/change-request/kinds";
import { personActor } from "#lib/services/change-request/person";
import type { ServiceContext } from "#lib/services/context";
import { uuidv7 } from "#lib/services/uuidv7";
import { policyNamed, proposalOf, refuseSelector, versionNamed } from "./resolve.ts";
import type { ImpactOf } from "./trial.ts";

const EnforcePolicy = z.strictObject({
  name: z.string().max(60),
  version: z.int().min(1),
  selector: z.string().max(4_000).default(""),
  percent: z.int().min(1).max(100).default(100),
});
type EnforcePolicy = z.output<typeof EnforcePolicy>;

/**
 * The kind `policy.enforce`.
 *
 * The plan names the text by its digest and the part of the nodes, never what nodes would be: evidence that
 * comes in meanwhile must not be able to keep a policy from being approved.
 */
export function enforcePolicyKind(impactOf: ImpactOf): ChangeKind {
  return changeKind({
    kind: "policy.enforce",
    label: "Enforce a policy",
    schema: EnforcePolicy,
    permissionToPropose: "change:propose",
    permissionToDecide: "change:decide",
    async plan(conn, ctx, payload, lock) {
      const { policy, version } = await named(conn, ctx, payload, lock);
      const { percent, selector } = payload;
      const part = percent < 100 || selector !== "" ? ` for ${percent} % of ${selector || "all nodes"}` : "";
      return {
        trustDomainId: policy.trustDomainId,
        subject: policy.id,
        summary: `Enforce version ${payload.version} of policy ${policy.name}${part}`,
        facts: { digest: version.digest.toString("hex"), selector, percent },
      };
    },
    async preview(ctx, payload) {
      const { policy, version } = await named(ctx.db, ctx, payload, false);
      const { trustDomainId, proposal } = await proposalOf(ctx, payload, policy.trustDomainId);
      const impact = await impactOf(ctx, trustDomainId, proposal);
      const removed = impact.removedRules.map(
        ({ policyVersion, ruleId, nodes }) =>
          `Rule ${ruleId} of ${policyVersion} decides about ${nodes} ${nodes === 1 ? "node" : "nodes"} now and would be gone.`,
      );
      const better = impact.moves.filter(({ from, to }) => from === "failed" && to !== "failed");
      const relieved = better.reduce((sum, { nodes }) => sum + nodes, 0);
      return {
        facts: [
          { label: "Policy", value: `${policy.name}, version ${version.version}` },
          { label: "Written by", value: version.authorEmail ?? "an import" },
          { label: "Nodes", value: payload.selector === "" ? "all" : payload.selector },
          { label: "Share", value: `${payload.percent} %` },
          { label: "Nodes compared", value: String(impact.nodes) },
        ],
        warnings: [
          ...removed,
          ...(relieved > 0 ? [`${relieved} failed nodes would not be failed any more.`] : []),
        ],
        moves: [...impact.moves],
        nodes: {
          total: impact.movedTotal,
          items: impact.named.map(({ id, name, from, to, reason }) => ({ id, name, from, to, reason })),
        },
        reliedOn: { total: 0, items: [] },
      };
    },
    async apply(tx, ctx, payload, requestId) {
      const { policy, version } = await named(tx, ctx, payload, true);
      const actor = personActor(ctx.actor);
      const author = version.authorEmail === null ? null : personOf(version.authorEmail);
      if (author === personOf(actor.email)) {
        throw new ProblemError("auth/forbidden", "Who wrote a version does not approve it.");
      }
      const at = ctx.now();
      const { selector, percent } = payload;
      const stage = { stage: "enforced", selector, percent };
      await policyActivationInsert(tx, {
        ...{ trustDomainId: policy.trustDomainId, id: uuidv7(at), policyId: policy.id },
        ...{ version: version.version, ...stage, validFrom: at, changeRequestId: requestId },
        ...{ createdBy: actor.id, createdAt: at },
      });
      const work = { trustDomainId: policy.trustDomainId, id: uuidv7(at), cause: "policy.enforce" };
      await decideAgainInsert(clientOf(tx), { ...work, recordedAt: at });
      return {
        ...{ entity: "policy", entityId: policy.id, before: null },
        after: { ...payload, digest: version.digest.toString("hex"), requestId },
      };
    },
  });
}

async function named(conn: Conn, ctx: ServiceContext, payload: EnforcePolicy, lock: boolean) {
  refuseSelector(payload.selector, "#/payload/selector");
  const policy = await policyNamed(conn, ctx, payload.name, lock);
  return { policy, version: await versionNamed(conn, policy, payload.version) };
}
