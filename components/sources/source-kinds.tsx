/** What the screens say about each kind of source. A kind that is not listed here gets the last entry. */

export type SourceKindWords = {
  kind: string;
  label: string;
  /** What it sends, as one sentence. */
  sends: string;
  /** How it behaves, for someone who connects it. */
  note: string;
  /** Whether its messages are believed only with a registered key. */
  needsKeys: boolean;
  /** Where the secret that it signs with is found; absent = it signs with no shared secret. */
  secretHint?: string;
  /** It signs with a shared secret and nothing else, so a public key would prove nothing. */
  secretOnly?: boolean;
  example: { mediaType: string; data: string };
};

const VERDICT = [
  `'{"schema":"touchstone.verdict/1",`,
  `"node":{"id":"4c4c4544-0042-3510-8052-b4c04f4e4d32","idType":"system_uuid","displayName":"rack7-03"},`,
  `"observedAt":"'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'",`,
  `"outcome":"verified_good","vector":{"instance-identity":2,"executables":3},`,
  `"coverage":["measured_boot","identity_key"],"measurements":{},"policyIds":["boot-policy-12"],`,
  `"verifier":{"id":"acme-attestd","build":"2.3.1"},"freshness":"evidence"}'`,
].join("");

/** The sender puts the signature into headers; by hand they come out of a file. */
const HEADERS_AND_BODY = "-H @signature-headers.txt --data-binary @message.json";

export const SOURCE_KINDS: readonly SourceKindWords[] = [
  {
    kind: "ear",
    label: "EAT Attestation Result (Veraison, Trustee)",
    sends: "Signed attestation results: one token gives one verdict for each submodule.",
    note: "The token must be signed with one of the registered keys; keys inside the token prove nothing.",
    needsKeys: true,
    example: { mediaType: "application/eat+jwt", data: "--data-binary @result.jwt" },
  },
  {
    kind: "generic",
    label: "Generic (Touchstone JSON)",
    sends: "One verdict or one bootstrap event for each message, in Touchstone's own JSON.",
    note: "Once a key is registered, unsigned documents are refused.",
    needsKeys: false,
    example: { mediaType: "application/json", data: `--data-binary ${VERDICT}` },
  },
  {
    kind: "keylime",
    label: "Keylime verifier",
    sends: "Keylime's revocation notifications. Point webhook_url of the verifier at this address.",
    note: "The webhook announces failures only, so its silence means nothing. A collector polls for the rest.",
    needsKeys: false,
    example: { mediaType: "application/json", data: "--data-binary @notification.json" },
  },
  {
    kind: "spire",
    label: "SPIRE audit log",
    sends: "Lines of the SPIRE server's audit log, with audit_log_enabled = true and JSON log format.",
    note: "Lines that are no audit records are passed over; secrets in them are removed before storing.",
    needsKeys: false,
    example: { mediaType: "application/x-ndjson", data: "--data-binary @audit.log" },
  },
  {
    kind: "standard-webhooks",
    label: "Standard Webhooks",
    sends: "Bootstrap events from any sender that signs as Standard Webhooks says.",
    note: "The signature stands in the headers webhook-id, webhook-timestamp and webhook-signature.",
    needsKeys: true,
    secretHint: "whsec_… or its base64 part. A sender that signs with Ed25519 needs a public key instead.",
    example: { mediaType: "application/json", data: HEADERS_AND_BODY },
  },
  {
    kind: "step-ca",
    label: "step-ca webhook",
    sends: "Which machines ask step-ca for certificates, and what they attested.",
    note: "The signature stands in the header X-Smallstep-Signature.",
    needsKeys: true,
    secretHint: "The webhook's secret as step-ca shows it, in base64.",
    secretOnly: true,
    example: { mediaType: "application/json", data: HEADERS_AND_BODY },
  },
  {
    kind: "tailscale",
    label: "Tailscale webhook",
    sends: "When nodes of a tailnet join, are approved, expire and leave.",
    note: "The signature stands in the header Tailscale-Webhook-Signature.",
    needsKeys: true,
    secretHint: "The endpoint's secret as Tailscale shows it once.",
    secretOnly: true,
    example: { mediaType: "application/json", data: HEADERS_AND_BODY },
  },
];

/** The words for a kind. */
export function sourceKind(kind: string): SourceKindWords {
  return (
    SOURCE_KINDS.find((entry) => entry.kind === kind) ?? {
      kind,
      label: kind,
      sends: "Messages in this kind's own format.",
      note: "See the guide of this kind.",
      needsKeys: false,
      example: { mediaType: "application/json", data: "--data-binary @message.json" },
    }
  );
}
