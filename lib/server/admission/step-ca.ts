/** A question of step-ca: is it from there, for whom does it want to sign, and what is it told. */
import "server-only";
import { createSecretKey } from "node:crypto";
import { type StepCaAnswer, StepCaRequest } from "#lib/contracts/admission";
import type { Actor } from "#lib/domain/access";
import { claimsOfCertificates } from "#lib/domain/admission-step-ca";
import { ProblemError } from "#lib/domain/problems";
import type { HttpRequest } from "#lib/ingest/http";
import { readBody } from "#lib/ingest/limits";
import { parseInput } from "#lib/services/input";
import { JsonError, parseJson } from "#lib/sources/shared/json";
import { verifySmallstep, WEBHOOK_TOLERANCE_MS } from "#lib/sources/shared/webhook-signature";
import { type Judged, judgeClaim, type Place } from "./answer.ts";
import type { StepCaWebhook } from "./step-ca-webhook.ts";

export type StepCaAsked = { webhook: StepCaWebhook; request: StepCaRequest };

/**
 * A request that step-ca signed within the last minutes. The signature is over the bytes as they came, and says nothing
 * about when: the time inside does. Nothing of the body is read before.
 *
 * @throws {ProblemError} `connector/not-found`, also for one that the caller does not see or that is disabled;
 *   `connector/report-refused` for a wrong or old signature; `request/malformed`, `request/invalid`
 */
export async function verifiedRequest(
  webhook: StepCaWebhook | null,
  actor: Actor,
  { headers, body }: HttpRequest,
  nowMs: number,
): Promise<StepCaAsked> {
  const bytes = await readBody(body, {
    contentLength: headers["content-length"],
    contentEncoding: headers["content-encoding"],
  });
  if (!webhook || !actor.trustDomainIds.includes(webhook.trustDomainId))
    throw new ProblemError(
      "connector/not-found",
      "There is no such step-ca connector, or you do not see it.",
    );
  const key = createSecretKey(Buffer.from(webhook.signing, "base64"));
  const given = new Map(Object.entries(headers).flatMap(([name, value]) => (value ? [[name, value]] : [])));
  if (!verifySmallstep(bytes, given, [{ kid: "webhook", key }]).ok) throw refusal();
  const request = parseInput(StepCaRequest, jsonOf(bytes), "/body");
  if (Math.abs(nowMs - Date.parse(request.timestamp)) > WEBHOOK_TOLERANCE_MS) throw refusal();
  return { webhook, request };
}

const refusal = () =>
  new ProblemError(
    "connector/report-refused",
    "It is not signed, within five minutes, with the secret of this connector.",
  );

/** What step-ca is told, and what is to be recorded: it signs when nobody speaks against any name. */
export function answerStepCa(
  place: Place,
  { webhook, request }: StepCaAsked,
): { answer: StepCaAnswer; judged: readonly Judged[] } {
  const { x509CertificateRequest, x509Certificate, sshCertificateRequest, sshCertificate } = request;
  const certificates = [
    ...[x509CertificateRequest, x509Certificate, sshCertificateRequest, sshCertificate],
  ].filter((one) => one !== null && one !== undefined);
  const claims = claimsOfCertificates(certificates, request.attestationData?.permanentIdentifier ?? null);
  const judged = claims.flatMap(({ subject, ways: [first, ...others] }) => {
    const asked = { purpose: "join", subject, operation: "step-ca" } as const;
    const ways = [judgeClaim(place, first, asked), ...others.map((claim) => judgeClaim(place, claim, asked))];
    const known = ways.filter(({ isKnown }) => isKnown);
    if (known.length > 0) return known;
    return webhook.strangers === "rule" ? ways.slice(0, 1) : [];
  });
  return { answer: { allow: judged.every(({ decision }) => decision !== "deny") }, judged };
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return parseJson(bytes, { integers: "text" });
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new ProblemError("request/malformed", `The body is not JSON that is accepted: ${error.message}.`, {
      cause: error,
    });
  }
}
