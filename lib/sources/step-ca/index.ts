/** step-ca: what its webhooks tell while a certificate is asked for. */
import type { InterpretContext, Message, Source } from "#lib/sources/contract";
import { type Draft, draftOf, externalIdOf } from "#lib/sources/shared/batch";
import { identitiesOf } from "#lib/sources/shared/identities";
import { isMembers, type Members, textAt, timeAt, valueAt } from "#lib/sources/shared/members";
import { Refusal } from "#lib/sources/shared/refusal";
import { verifySmallstep } from "#lib/sources/shared/webhook-signature";
import { interpretSigned, WEBHOOK_DEFAULTS } from "#lib/sources/shared/webhook-source";

/** The signature says nothing about when, so the time inside the body must be close. */
const ACCEPT_PAST_MS = 5 * 60_000;

/**
 * Requests for certificates and certificates about to be signed.
 *
 * step-ca asks before it signs, and another webhook may still object: `pending` says so.
 */
export const stepCaSource: Source = {
  ...WEBHOOK_DEFAULTS,
  defaults: { ...WEBHOOK_DEFAULTS.defaults, acceptPastMs: ACCEPT_PAST_MS },
  kind: "step-ca",
  label: "step-ca webhook",
  guide: "connect-step-ca",
  signedHeaders: ["x-smallstep-signature"],
  secrets: { format: "base64", besidesPublicKeys: false },
  interpret(message: Message, context: InterpretContext) {
    return interpretSigned(message, context, (keys) => verifySmallstep(message.body, message.headers, keys), {
      redact: (document) => ({ value: document, redactions: [] }),
      read: readBody,
    });
  },
};

function readBody(body: Members, _: InterpretContext, digest: string): readonly Draft[] {
  const request = ["x509CertificateRequest", "sshCertificateRequest"].find((name) => isMembers(body[name]));
  const certificate = ["x509Certificate", "sshCertificate"].find((name) => isMembers(body[name]));
  if (request === undefined && certificate === undefined) {
    throw new Refusal("claims", "the body holds neither a request nor a certificate");
  }
  const identifier = textAt(body, "attestationData", "permanentIdentifier");
  const name = commonName(body[certificate ?? request ?? ""]);
  const provisioner = textAt(body, "provisionerName");
  return [
    draftOf({
      externalId: externalIdOf(digest),
      type: certificate === undefined ? "enrollment.requested" : "enrollment.credential_issued",
      outcome: "pending",
      occurredAtMs: timeAt(body, "timestamp"),
      // Only the identifier was attested; the names are what the machine asks to be called.
      identities: identitiesOf([
        ["custom", identifier === null ? null : `step-ca/${identifier}`],
        ["hostname", name],
      ]),
      displayName: name ?? identifier,
      method: identifier === null ? null : "device-attest-01",
      requestId: null,
      actor: { kind: "node", id: provisioner, address: null },
    }),
  ];
}

function commonName(certificate: unknown): string | null {
  const name = textAt(certificate, "subject", "commonName");
  if (name !== null) return name;
  const names = valueAt(certificate, "dnsNames");
  return Array.isArray(names) && names.length === 1 && typeof names[0] === "string" ? names[0] : null;
}
