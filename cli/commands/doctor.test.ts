import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { SourceView } from "#lib/contracts/source";
import { checkDataDir, checkNode, migrationCheck, skewCheck } from "./doctor-checks.ts";
import { checkSource } from "./doctor-sources.ts";

const NOW_MS = Date.parse("2026-03-15T12:00:00Z");
const later = (days: number) => new Date(NOW_MS + days * 86_400_000).toISOString();

describe("checks of the machine", () => {
  it.each([
    ["24.21.0", "ok"],
    ["20.20.2", "fail"],
  ])("judges Node %s as %s", (version, state) => expect(checkNode(version).state).toBe(state));

  it.each([
    [0, "ok"],
    [-1_900, "ok"],
    [5_000, "warn"],
    [-90_000, "fail"],
  ])("judges a skew of %i ms as %s", (skew, state) => expect(skewCheck(skew).state).toBe(state));

  it("says which way a clock is off", () => {
    expect(skewCheck(5_000).detail).toBe("5.0 s behind the database's");
    expect(skewCheck(-5_000).detail).toBe("5.0 s ahead of the database's");
  });

  it("tells an old schema from one that is too new", () => {
    expect(migrationCheck(["0001_a.sql"], ["0001_a.sql"]).state).toBe("ok");
    expect(migrationCheck(["0001_a.sql"], ["0001_a.sql", "0002_b.sql"])).toMatchObject({
      state: "warn",
      remedy: "npx touchstone migrate",
    });
    expect(migrationCheck(["0001_a.sql", "0002_b.sql"], ["0001_a.sql"]).state).toBe("fail");
  });

  it("warns of a data directory that others can read, and does not make a missing one", async () => {
    const dir = await mkdtemp(join(tmpdir(), "touchstone-doctor-"));
    try {
      await chmod(dir, 0o700);
      expect((await checkDataDir(dir)).check.state).toBe("ok");
      await chmod(dir, 0o755);
      expect((await checkDataDir(dir)).check).toMatchObject({ state: "warn", remedy: `chmod 0700 ${dir}` });
      expect(await checkDataDir(join(dir, "none"))).toMatchObject({ exists: false, check: { state: "ok" } });
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});

describe("checkSource", () => {
  const apiKey = {
    id: "k",
    prefix: "p",
    scopes: ["ingest:write" as const],
    createdAt: later(-1),
    expiresAt: later(60),
    lastUsedAt: null,
    revokedAt: null,
  };
  const good: SourceView = {
    id: "s",
    kind: "ear",
    kindLabel: "EAR",
    name: "lab",
    createdAt: later(-1),
    disabledAt: null,
    nodeIdPointer: null,
    staleAfterMs: 900_000,
    acceptPastMs: 1,
    enrolment: "accept",
    authoritativeFor: [],
    introducesNodes: false,
    acceptFutureMs: 1,
    keys: [
      {
        kid: "k",
        alg: "ES256",
        secret: false,
        state: "active",
        validFrom: later(-9),
        validTo: null,
        activatedAt: later(-9),
        acceptUntil: null,
        lastUsedAt: null,
        distrustedSince: null,
        rederiving: null,
      },
    ],
    apiKeys: [apiKey],
    lastReceivedAt: later(0),
    silent: false,
    limit: {
      mode: "fixed",
      staleAfterMs: 900_000,
      cadenceMs: null,
      factor: null,
      floorMs: null,
      capMs: null,
    },
    lastHeardAt: later(0),
    nextDueAt: null,
    lagMs: 0,
    keyState: { usable: 1, soonestEndAt: null, exhausted: false },
    lastError: null,
    futureRefused: 0,
    skew: null,
    findings: [],
    last24h: { accepted: 1, duplicate: 0, rejected: 0 },
    hourly: [],
    nodes: 1,
  };

  it.each([
    ["all is well", {}, "ok"],
    ["no key vouches for signed results", { keys: [] }, "fail"],
    ["an audit log needs no key", { keys: [], kind: "spire" }, "ok"],
    ["its only API key was revoked", { apiKeys: [{ ...apiKey, revokedAt: later(-1) }] }, "warn"],
    ["its last API key ends soon", { apiKeys: [{ ...apiKey, expiresAt: later(3) }] }, "warn"],
    ["it is silent", { silent: true }, "warn"],
  ] as const)("when %s: %o is %s", (_, change, state) => {
    expect(checkSource({ ...good, ...change } as SourceView, NOW_MS).state).toBe(state);
  });
});
