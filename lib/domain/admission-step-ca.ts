/** Whom a certificate of step-ca is for: everybody that it names, and the machine that proved itself. Pure. */
import type { NodeClaim } from "./admission-review.ts";

/** What of a certificate says for whom it is. */
export type NamedCertificate = {
  subject?: { commonName?: string | undefined } | null | undefined;
  dnsNames: readonly string[];
  uris: readonly string[];
  sans?: readonly { value?: string | undefined }[] | null | undefined;
  keyID?: string | undefined;
  principals: readonly string[];
};

/** Somebody that a certificate is for, in every way in which a node may be known as that. */
export type CertificateClaim = { subject: string; ways: readonly [NodeClaim, ...NodeClaim[]] };

/**
 * A claim for each name, and one for the machine's attested identifier. A certificate with several names is for all
 * of them, so that nobody hides a contained node's name among others.
 *
 * @param permanentIdentifier what the machine attested with `device-attest-01`; `null` = it did not
 */
export function claimsOfCertificates(
  certificates: readonly NamedCertificate[],
  permanentIdentifier: string | null,
): readonly CertificateClaim[] {
  const names = certificates.flatMap(({ subject, dnsNames, uris, sans, keyID, principals }) => [
    ...[subject?.commonName, keyID].filter((name) => name !== undefined),
    ...[...dnsNames, ...uris, ...principals],
    ...(sans ?? []).flatMap(({ value }) => value ?? []),
  ]);
  const named = [...new Set(names)].filter((name) => name !== "");
  return [
    ...(permanentIdentifier ? [attested(permanentIdentifier)] : []),
    ...named.map((name): CertificateClaim => ({ subject: name, ways: waysOf(name) })),
  ];
}

function attested(id: string): CertificateClaim {
  const proven = (kind: "custom" | "serial", value: string) => ({
    name: null,
    identities: [{ kind, value }],
  });
  return {
    subject: `step-ca/${id}`,
    ways: [proven("custom", `step-ca/${id}`), proven("serial", id), { name: id, identities: [] }],
  };
}

function waysOf(name: string): CertificateClaim["ways"] {
  if (name.startsWith("spiffe://")) return [{ name: null, identities: [{ kind: "spiffe_id", value: name }] }];
  // Names of hosts mean the same in every case, and with a dot at their end.
  const plain = name.toLowerCase().replace(/\.$/, "");
  const asWritten = { name, identities: [] };
  return plain === name ? [asWritten] : [asWritten, { name: plain, identities: [] }];
}
