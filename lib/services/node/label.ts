/** Labelling a node. */
import { z } from "zod";
import { clientOf } from "#db/client";
import { driftMark } from "#db/queries/drift-dirty";
import { nodeLabelsLock, nodeLabelsSet } from "#db/queries/node-label";
import { type LabelsView, PatchLabelsBody } from "#lib/contracts/baseline";
import { LABEL_LIMITS, patchLabels, refuseLabels } from "#lib/domain/node-labels";
import { ProblemError } from "#lib/domain/problems";
import { type AuditNote, command } from "#lib/services/command";

/**
 * Set and take away labels. Selectors read them, so what is expected of the node may change with them.
 *
 * @throws {ProblemError} `node/not-found`; `request/invalid` for a bad name, a bad value or too many labels
 */
export const labelNode = command({
  name: "node.label",
  permission: "node:label",
  input: PatchLabelsBody.extend({ nodeId: z.uuid() }),
  target: ({ nodeId }) => nodeId,
  async run(
    tx,
    { actor, now },
    { nodeId, labels: patch },
  ): Promise<{ result: LabelsView; audit: AuditNote }> {
    const refusal = refuseLabels(patch);
    if (refusal) throw invalid(refusal.name, refusal.detail);
    const found = await nodeLabelsLock(tx, actor.trustDomainIds, nodeId);
    if (!found) throw new ProblemError("node/not-found", `No node ${nodeId}.`);
    const { trustDomainId, labels: before } = found;
    const labels = patchLabels(before, patch);
    if (Object.keys(labels).length > LABEL_LIMITS.labels) {
      throw invalid("", `A node has ${LABEL_LIMITS.labels} labels at most.`);
    }
    await nodeLabelsSet(tx, { trustDomainId, nodeId }, labels);
    const at = now();
    await driftMark(clientOf(tx), trustDomainId, [{ nodeId, fromMs: at.getTime() }], at);
    return {
      result: { labels: { ...labels } },
      audit: {
        trustDomainId,
        entity: "node",
        entityId: nodeId,
        before: { labels: before },
        after: { labels },
      },
    };
  },
});

function invalid(name: string, detail: string): ProblemError {
  const pointer = `#/labels${name === "" ? "" : `/${name.slice(0, 120).replaceAll("~", "~0").replaceAll("/", "~1")}`}`;
  return new ProblemError("request/invalid", `${pointer}: ${detail}`, { pointers: [{ pointer, detail }] });
}
