import fc from "fast-check";
import { expect, it } from "vitest";
import { claimsOfCertificates, type NamedCertificate } from "./admission-step-ca.ts";

const text = fc.string({ minLength: 1, maxLength: 40 });
const certificate: fc.Arbitrary<NamedCertificate> = fc.record({
  subject: fc.option(fc.record({ commonName: fc.option(text, { nil: undefined }) })),
  dnsNames: fc.array(text),
  uris: fc.array(text),
  sans: fc.option(fc.array(fc.record({ value: fc.option(text, { nil: undefined }) }))),
  keyID: fc.option(text, { nil: undefined }),
  principals: fc.array(text),
});

it("has a claim for every name, wherever it stands, each once", () => {
  fc.assert(
    fc.property(fc.array(certificate, { maxLength: 3 }), (certificates) => {
      const subjects = claimsOfCertificates(certificates, null).map(({ subject }) => subject);
      expect(new Set(subjects).size).toBe(subjects.length);
      const names = certificates.flatMap(({ subject, dnsNames, uris, sans, keyID, principals }) => [
        ...[subject?.commonName, keyID, ...dnsNames, ...uris, ...principals],
        ...(sans ?? []).map(({ value }) => value),
      ]);
      for (const name of names) if (name !== undefined) expect(subjects).toContain(name);
    }),
  );
});

it("looks for a name as it is written and as hosts are named, and for SPIFFE IDs as identities", () => {
  const none = { dnsNames: [], uris: [], principals: [] };
  const [host, id] = claimsOfCertificates(
    [{ ...none, dnsNames: ["W1.Example."], uris: ["spiffe://td/agent/W1"] }],
    null,
  );
  expect(host?.ways.map(({ name }) => name)).toEqual(["W1.Example.", "w1.example"]);
  expect(id?.ways).toEqual([
    { name: null, identities: [{ kind: "spiffe_id", value: "spiffe://td/agent/W1" }] },
  ]);
});

it("takes what the machine attested for an identity, a serial number and a name", () => {
  const [attested] = claimsOfCertificates([], "SN-1");
  expect(attested).toEqual({
    subject: "step-ca/SN-1",
    ways: [
      { name: null, identities: [{ kind: "custom", value: "step-ca/SN-1" }] },
      { name: null, identities: [{ kind: "serial", value: "SN-1" }] },
      { name: "SN-1", identities: [] },
    ],
  });
});
