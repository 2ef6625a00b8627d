import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CREDENTIAL_EVENT_TYPES,
  type Credential,
  type CredentialEvent,
  foldCredentials,
  residualWindow,
} from "./credential.ts";

const HOUR_MS = 3_600_000;

const x509 = (notBeforeMs: number | null, notAfterMs: number | null): Credential => ({
  kind: "x509",
  serial: "01",
  fingerprintSha256: null,
  issuer: "CN=ca",
  notBeforeMs,
  notAfterMs,
});

const event = (
  id: string,
  occurredAtMs: number,
  type: CredentialEvent["type"],
  credential: Credential | null = null,
  more: Partial<CredentialEvent> = {},
): CredentialEvent => ({
  id,
  occurredAtMs,
  type,
  credential,
  sourceId: "ca",
  outcome: "success",
  method: null,
  ...more,
});
const issued = (id: string, ms: number, credential: Credential | null = null) =>
  event(id, ms, "enrollment.credential_issued", credential);
const renewed = (id: string, ms: number, credential: Credential | null = null) =>
  event(id, ms, "enrollment.credential_renewed", credential);

const never = () => null;
const oneHour = () => HOUR_MS;

describe("credentials", () => {
  it("a renewal replaces what the same source issued before, which stays usable until its own end", () => {
    const [young, old] = foldCredentials(
      [issued("a", 0, x509(0, 900)), renewed("b", 500, x509(500, 1400))],
      600,
      never,
    );
    expect(young).toMatchObject({ eventId: "b", state: "valid", renewed: true, residualUntilMs: null });
    expect(old).toMatchObject({ eventId: "a", state: "replaced", replacedAtMs: 500, residualUntilMs: 900 });
  });

  it("what another source issued is not replaced", () => {
    const held = foldCredentials([issued("a", 0), { ...issued("b", 1), sourceId: "other" }], 2, never);
    expect(held.map(({ state }) => state)).toEqual(["valid", "valid"]);
  });

  it("a third of its life or less makes it expiring, its end expired", () => {
    const stateAt = (nowMs: number) =>
      foldCredentials([issued("a", 0, x509(0, 900))], nowMs, never)[0]?.state;
    expect([599, 600, 899, 900].map(stateAt)).toEqual(["valid", "expiring", "expiring", "expired"]);
  });

  it("a ban takes everything of its source away, and says how long it may still work", () => {
    const held = foldCredentials(
      [issued("a", 0, x509(0, 900)), renewed("b", 500, x509(500, 1400)), event("c", 600, "identity.banned")],
      700,
      never,
    );
    expect(held.map(({ state, residualUntilMs }) => [state, residualUntilMs])).toEqual([
      ["revoked", 1400],
      ["revoked", 900],
    ]);
    expect(residualWindow(held, 700)).toBe(1400);
    expect(residualWindow(held, 1400)).toBeNull();
  });

  it("a refused ban changes nothing, and a purge forgets without taking away", () => {
    const refused = event("b", 1, "identity.banned", null, { outcome: "denied" });
    const held = foldCredentials([issued("a", 0), refused, event("c", 2, "identity.purged")], 3, never);
    expect(held.map(({ state }) => state)).toEqual(["valid"]);
  });

  it("where no end is stated, the usual life is assumed and said to be, and without one it is unknown", () => {
    const events = [issued("a", 0), event("b", 100, "identity.banned")];
    const assumed = foldCredentials(events, 200, oneHour);
    expect(assumed[0]).toMatchObject({ residualUntilMs: 100 + HOUR_MS, residualAssumed: true });
    expect(residualWindow(foldCredentials(events, 200, never), 200)).toBe("unknown");
  });

  it("an expiry that is told ends the current one no later than that", () => {
    const held = foldCredentials(
      [issued("a", 0, x509(0, 900)), event("b", 400, "enrollment.credential_expired")],
      450,
      never,
    );
    expect(held[0]).toMatchObject({ state: "expired", notAfterMs: 400 });
  });

  it("nothing that happens later than the asked instant counts", () => {
    const held = foldCredentials([issued("a", 0), event("b", 100, "identity.banned")], 99, never);
    expect(held[0]).toMatchObject({ state: "valid", revokedAtMs: null });
  });

  const anyEvent: fc.Arbitrary<CredentialEvent> = fc.record({
    id: fc.uuid(),
    sourceId: fc.constantFrom("ca", "spire"),
    type: fc.constantFrom(...CREDENTIAL_EVENT_TYPES),
    outcome: fc.constantFrom("success", "denied", "pending"),
    method: fc.constant(null),
    occurredAtMs: fc.integer({ min: 0, max: 1000 }),
    credential: fc.option(
      fc
        .tuple(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 500 }))
        .map(([from, life]) => x509(from, from + life)),
    ),
  });

  it("does not depend on the order of arrival, and never alters what it is given", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyEvent, { selector: ({ id }) => id }),
        fc.integer({ min: 0, max: 1500 }),
        (events, nowMs) => {
          const before = structuredClone(events);
          const folded = foldCredentials(events, nowMs, oneHour);
          expect(foldCredentials([...events].reverse(), nowMs, oneHour)).toEqual(folded);
          expect(events).toEqual(before);
        },
      ),
    );
  });

  it("at most one credential of a source is in use, and nothing revoked is ever shown as good", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyEvent, { selector: ({ id }) => id }),
        fc.integer({ min: 0, max: 1500 }),
        (events, nowMs) => {
          const held = foldCredentials(events, nowMs, never);
          for (const sourceId of ["ca", "spire"]) {
            const inUse = held.filter(
              (one) => one.sourceId === sourceId && (one.state === "valid" || one.state === "expiring"),
            );
            expect(inUse.length).toBeLessThanOrEqual(1);
          }
          for (const one of held) if (one.revokedAtMs !== null) expect(one.state).toBe("revoked");
        },
      ),
    );
  });
});
