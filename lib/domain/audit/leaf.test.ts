import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "./canonical-json.ts";
import { type AuditRecord, auditLeafText } from "./leaf.ts";

const sha256Hex = (text: string) => createHash("sha256").update(text).digest("hex");
const record: AuditRecord = {
  trustDomainId: "d",
  id: "i",
  at: "2026-06-01T12:00:00.000Z",
  actorKind: "user",
  actorId: "u",
  action: "source.create",
  entity: "source",
  entityId: "s",
  outcome: "done",
  problemCode: null,
  before: null,
  after: { b: 1, a: [2] },
  requestId: "r",
  address: null,
};

describe("canonical JSON", () => {
  it("agrees with the library of RFC 8785 for every JSON value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(value)).toBe(canonicalize(value));
      }),
    );
  });
});

describe("a leaf", () => {
  it("holds the digests of what was before and after, not the values", () => {
    expect(JSON.parse(auditLeafText(sha256Hex, record))).toMatchObject({
      v: 1,
      before: null,
      after: sha256Hex('{"a":[2],"b":1}'),
    });
  });

  it("is another one when any member is", () => {
    const text = auditLeafText(sha256Hex, record);
    for (const key of Object.keys(record)) {
      expect(auditLeafText(sha256Hex, { ...record, [key]: "another" }), key).not.toBe(text);
    }
  });

  it("is the same however the members are ordered", () => {
    const turned = Object.fromEntries(Object.entries(record).reverse()) as AuditRecord;
    expect(auditLeafText(sha256Hex, { ...turned, after: { a: [2], b: 1 } })).toBe(
      auditLeafText(sha256Hex, record),
    );
  });
});
