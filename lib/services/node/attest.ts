/** A signed statement about a node, for gatekeepers that do not ask us themselves. */
import { createHash, sign } from "node:crypto";
import { admissionNodesById } from "#db/queries/admission";
import { attestedNode } from "#db/queries/attestation";
import type { Sealer } from "#db/sealing";
import { signEnvelope } from "#db/signing";
import { AttestBody, type NodeAttestation } from "#lib/contracts/attestation";
import { DEFAULT_ADMISSION_RULE, decideAdmission } from "#lib/domain/admission";
import {
  earClaims,
  inTotoStatement,
  type NodeStatement,
  statedState,
} from "#lib/domain/attestation-statement";
import { STATEMENT_TYPE } from "#lib/domain/baseline-statement";
import { canonicalJson } from "#lib/domain/change-request";
import { ProblemError } from "#lib/domain/problems";
import { laneLabel } from "#lib/domain/silence";
import { factsOf } from "#lib/services/admission/facts";
import { signingKey } from "#lib/services/baseline/sign";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { iso } from "#lib/services/instant";

const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");

export type AttestTools = { sealer: Sealer; verifier: NodeStatement["verifier"] };

/**
 * State and sign what is known about a node now. Every signature is on the record: it speaks for the installation.
 *
 * @throws {ProblemError} `node/not-found`
 */
export function attestNode(
  ctx: ServiceContext,
  input: AttestBody,
  { sealer, verifier }: AttestTools,
): Promise<NodeAttestation> {
  const attest = command({
    name: "node.attest",
    permission: "fleet:read",
    input: AttestBody,
    target: ({ nodeId }) => nodeId,
    async run(tx, { actor, now }, { nodeId, format }) {
      const scope = actor.trustDomainIds;
      const [row] = await admissionNodesById(tx, scope, [nodeId]);
      const known = await attestedNode(tx, scope, nodeId);
      if (!row || !known) throw new ProblemError("node/not-found", `No node ${nodeId}.`);
      const at = now();
      const facts = factsOf(row);
      const node: NodeStatement = {
        ...{ nodeId, verifier, name: row.name, status: facts.status, reason: row.statusReason },
        since: iso(known.since),
        policyVersion: known.policyVersion,
        baselineVersion: known.baselineVersion,
        evidence: known.evidence.map(({ sourceName, submod, state, observedAt, rawSha256 }) => ({
          ...{ state, rawSha256, label: laneLabel(sourceName, submod), observedAt: iso(observedAt) },
        })),
        answer: decideAdmission({
          purpose: "work",
          subject: { kind: "node", facts },
          rule: DEFAULT_ADMISSION_RULE,
          knowledge: { asOfMs: at.getTime() },
          nowMs: at.getTime(),
        }),
        statedAt: at.toISOString(),
      };
      const digest = sha256(canonicalJson(statedState(node)));
      const key = await signingKey(tx, row.trustDomainId, sealer, at);
      const result: NodeAttestation =
        format === "ear"
          ? {
              mediaType: "application/eat+jwt",
              text: compactToken(earClaims(node, digest, at.getTime()), key),
            }
          : {
              mediaType: "application/vnd.dsse.envelope.v1+json",
              text: JSON.stringify(
                signEnvelope(
                  STATEMENT_TYPE,
                  Buffer.from(canonicalJson(inTotoStatement(format, node, digest)), "utf8"),
                  key,
                ),
              ),
            };
      const after = {
        format,
        digest,
        decision: node.answer.decision,
        kid: key.kid,
        sha256: sha256(result.text),
      };
      return {
        result,
        audit: {
          ...{ trustDomainId: row.trustDomainId, entity: "node", entityId: nodeId, before: null, after },
        },
      };
    },
  });
  return attest(ctx, input);
}

/** A JWS in its compact form (RFC 7515). */
function compactToken(claims: object, { kid, privateKey }: Awaited<ReturnType<typeof signingKey>>): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value), "utf8").toString("base64url");
  const signed = `${part({ alg: "EdDSA", kid, typ: "eat+jwt" })}.${part(claims)}`;
  return `${signed}.${sign(null, Buffer.from(signed, "ascii"), privateKey).toString("base64url")}`;
}
