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
