/** Runs a folder of third-party samples through the sources, as an operator's keys and clock would. */
import { createPublicKey, type JsonWebKey, type KeyObject, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CLAIMS } from "#lib/domain/ar4si";
import type { Interpretation, Item, PinnedKey, Source } from "#lib/sources/contract";
import { sourceByKind } from "#lib/sources/registry";
import { logCases } from "./conformance-logs.ts";
import { comparable, sha256 } from "./source-testing.ts";

const Case = z.strictObject({
  id: z.string(),
  file: z.string(),
  source: z.string(),
  expect: z.enum(["accepted", "rejected"]),
  now: z.iso.datetime(),
  category: z.string().optional(),
  /** Path of a JWK, a PEM key or a PEM certificate; `header` or `payload` = the key that the token brings. */
  key: z.string().optional(),
  keyNote: z.string().optional(),
  subject: z.string().optional(),
  nodeIdPointer: z.string().optional(),
  backfill: z.boolean().optional(),
  node: z.string().optional(),
  verdicts: z.number().optional(),
  tier: z.string().optional(),
  outcome: z.string().optional(),
  reason: z.string().optional(),
  vector: z.array(z.number()).length(CLAIMS.length).optional(),
  note: z.string().optional(),
});
type Case = z.output<typeof Case>;

const Expectations = z.object({ cases: z.array(Case) });

/** These samples are years old, so they are read as history. */
const HISTORY = { expect: "accepted", now: "2026-11-22T00:00:00Z", backfill: true } as const;

function goldenId(source: string, file: string): string {
  const name = file.replace(/^.*\//, "").replace(/\.jsonl?$/, "");
  return `${source}-${name.replace(/[^A-Za-z0-9]+/g, "-").toLowerCase()}`;
}

/** Samples without an expectation of their own, whose canonical form is still held. */
const EXTRA_GOLDENS: readonly Case[] = [
  {
    id: "spire-agent-api-log",
    file: "spire/agent-api-log-lines.derived.jsonl",
    source: "spire",
    expect: "accepted",
    now: "2026-11-22T00:00:00Z",
  },
  ...[
    ["kubernetes", "k8s-k9s/node-gke.json"],
    ["kubernetes", "k8s-k9s/event.json"],
    ["kubernetes", "k8s-api-schema-roundtrip/certificates.k8s.io.v1.CertificateSigningRequest.json"],
    ["kubernetes", "k8s-api-schema-roundtrip/core.v1.Event.json"],
    ["kubernetes", "k8s-api-schema-roundtrip/core.v1.Node.json"],
    ["kubernetes", "k8s-openshift-insights/master-0.imeixner20210707.lab.upshift.rdu2.redhat.com.json"],
    ["cluster-api", "k8s-openshift-insights/dev-rhrmo-dev-26-01-2-tk6g8-master-0.json"],
    ["cluster-api", "k8s-openshift-insights/dev-rhrmo-dev-26-01-2-tk6g8-worker-us-east-2a-4g2rj.json"],
    ["cluster-api", "k8s-openshift-insights/machine-api-termination-handler.json"],
    ["teleport", "teleport/audit-events.jsonl"],
  ].map(([source = "", file = ""]) => ({ ...HISTORY, id: goldenId(source, file), source, file })),
  {
    id: "coco-simple-legacy",
    file: "trustee/legacy-simple-token-restful-as.jwt",
    source: "coco-simple",
    expect: "accepted",
    key: "payload",
    keyNote: "stands in for the operator who registered this very key",
    now: "2023-12-04T06:52:00Z",
    subject: "n1",
  },
  {
    id: "ita-amber-unknown-key",
    file: "intel-trust-authority/tdx-cli-verify-test-amber-sgx.jwt",
    source: "ita",
    expect: "rejected",
    now: "2022-12-23T12:50:00Z",
    subject: "n1",
  },
  {
    id: "ita-connector-dummy-claims",
    file: "intel-trust-authority/go-connector-token_test.jwt",
    source: "ita",
    expect: "rejected",
    key: "intel-trust-authority/go-connector-token_test.signing-cert.pem",
    now: "2018-01-18T01:31:00Z",
    subject: "n1",
  },
  {
    id: "maa-sev-snp-unknown-key",
    file: "azure-maa/sev-snp-jwt.txt",
    source: "maa",
    expect: "rejected",
    now: "2025-04-08T04:16:00Z",
    subject: "n1",
  },
];

export type ConformanceOptions = {
  /** Folder that holds `expectations.json` and the samples it names. */
  fixtures: string;
  /** Folder of the canonical results that earlier runs gave. */
  goldens: string;
  /** Write the results down instead of comparing them. */
  update: boolean;
};

export type ConformanceReport = { lines: string[]; passed: number; failed: number; skipped: number };

/**
 * Run every case, then compare canonical results with the goldens.
 *
 * @throws {Error} when `expectations.json` cannot be read: there is nothing to report then
 */
export async function runConformance({
  fixtures,
  goldens,
  update,
}: ConformanceOptions): Promise<ConformanceReport> {
  const { cases } = Expectations.parse(JSON.parse(readFileSync(join(fixtures, "expectations.json"), "utf8")));
  const report: ConformanceReport = { lines: [], passed: 0, failed: 0, skipped: 0 };
  const skippedBySource = new Map<string, number>();
  const accepted: Case[] = [];

  for (const one of cases) {
    const source = sourceByKind(one.source);
    if (source === undefined) {
      report.skipped += 1;
      skippedBySource.set(one.source, (skippedBySource.get(one.source) ?? 0) + 1);
      report.lines.push(`skip ${one.id}: no source ${one.source}`);
      continue;
    }
    const problems = await attempt(async () => differences(one, await interpretCase(source, one, fixtures)));
    count(report, one.id, problems);
    if (one.expect === "accepted" && problems.length === 0) accepted.push(one);
  }

  for (const one of [...accepted, ...EXTRA_GOLDENS]) {
    const source = sourceByKind(one.source);
    if (source === undefined || !existsSync(join(fixtures, one.file))) continue;
    await checkGolden(source, one, { fixtures, goldens, update }, report);
  }
  for (const { name, run } of logCases(fixtures)) {
    const problems = await attempt(async () => run() ?? ["absent"]);
    if (problems[0] === "absent") {
      report.skipped += 1;
      report.lines.push(`skip ${name}: the sample is not there`);
    } else count(report, name, problems);
  }
  for (const [source, cases] of skippedBySource)
    report.lines.push(`skipped source ${source}: ${cases} cases`);
  return report;
}

async function attempt(check: () => Promise<string[]>): Promise<string[]> {
  try {
    return await check();
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function count(report: ConformanceReport, name: string, problems: readonly string[]): void {
  if (problems.length === 0) report.passed += 1;
  else report.failed += 1;
  report.lines.push(problems.length === 0 ? `ok ${name}` : `FAIL ${name}: ${problems.join("; ")}`);
}

async function interpretCase(source: Source, one: Case, fixtures: string): Promise<Interpretation> {
  const body = readFileSync(join(fixtures, one.file));
  const { defaults } = source;
  return source.interpret(
    { body, mediaType: "application/octet-stream", subject: one.subject ?? null, headers: new Map() },
    {
      keys: one.key === undefined ? [] : [pinnedKey(one, body, fixtures)],
      settings: {
        nodeIdPointer: one.nodeIdPointer ?? defaults.nodeIdPointer,
        acceptPastMs: defaults.acceptPastMs,
        acceptFutureMs: defaults.acceptFutureMs,
      },
      nowMs: Date.parse(one.now),
      backfill: one.backfill ?? false,
    },
  );
}

function pinnedKey(one: Case, body: Uint8Array, fixtures: string): PinnedKey {
  const header = jwsPart(body, 0);
  const own = { header: header.jwk, payload: jwsPart(body, 1).jwk }[String(one.key)];
  const text =
    own === undefined ? readFileSync(join(fixtures, String(one.key)), "utf8") : JSON.stringify(own);
  const key = publicKey(text);
  return { kid: one.key ?? "", alg: algorithmOf(key, one.source, header.alg), key };
}

function jwsPart(body: Uint8Array, index: number): { alg?: string; jwk?: JsonWebKey } {
  const part = new TextDecoder().decode(body).split(".")[index] ?? "";
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  } catch {
    return {};
  }
}

function publicKey(text: string): KeyObject {
  if (text.includes("BEGIN CERTIFICATE")) return new X509Certificate(text).publicKey;
  if (text.includes("BEGIN")) return createPublicKey(text);
  return createPublicKey({ key: JSON.parse(text), format: "jwk" });
}

const ALG_OF_CURVE: Readonly<Record<string, string>> = {
  prime256v1: "ES256",
  secp384r1: "ES384",
  secp521r1: "ES512",
};

/** The algorithm that an operator would register the key for. */
function algorithmOf(key: KeyObject, source: string, headerAlg: string | undefined): string {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (key.asymmetricKeyType === "ec") return ALG_OF_CURVE[curve ?? ""] ?? "ES256";
  if (key.asymmetricKeyType === "rsa") return source === "keylime" ? "PS256" : (headerAlg ?? "RS256");
  return "EdDSA";
}

/** What differs from the expectation; empty when nothing does. */
function differences(one: Case, { items, rejections }: Interpretation): string[] {
  const found: string[] = [];
  const check = (what: string, expected: unknown, actual: unknown) => {
    if (expected === undefined || JSON.stringify(expected) === JSON.stringify(actual)) return;
    found.push(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
  };
  if (one.expect === "rejected") {
    check("items", 0, items.length);
    check("category", one.category ?? "(none given)", rejections[0]?.category);
    return found;
  }
  const verdicts = items.flatMap((item: Item) => (item.kind === "verdict" ? [item.verdict] : []));
  check(
    "rejections",
    [],
    rejections.map(({ code, detail }) => `${code}: ${detail}`),
  );
  check("verdicts", one.verdicts, verdicts.length);
  if (items.length === 0) found.push("nothing was accepted");
  for (const verdict of verdicts) {
    check("tier", one.tier, verdict.tier);
    check("outcome", one.outcome, verdict.outcome);
    check("vector", one.vector, verdict.vector);
    check("node", one.node ?? one.subject, verdict.identities[0]?.value);
    const codes = verdict.reasons.map(({ code }) => code);
    if (one.reason !== undefined && !codes.includes(one.reason)) check("reason", one.reason, codes);
  }
  return found;
}

/** Our canonical result for one input, with the input's digest: another input has no golden yet. */
async function checkGolden(
  source: Source,
  one: Case,
  { fixtures, goldens, update }: ConformanceOptions,
  report: ConformanceReport,
): Promise<void> {
  const input = sha256(readFileSync(join(fixtures, one.file)));
  const result = comparable(await interpretCase(source, one, fixtures));
  const file = join(goldens, `${one.id}.json`);
  const name = `golden ${one.id}`;
  if (update) {
    mkdirSync(goldens, { recursive: true });
    writeFileSync(file, `${JSON.stringify({ fixture: one.file, sha256: input, result }, null, 2)}\n`);
  }
  const golden = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
  if (golden?.fixture !== one.file || golden.sha256 !== input) {
    report.skipped += 1;
    report.lines.push(`skip ${name}: none for this input`);
    return;
  }
  const same = JSON.stringify(golden.result) === JSON.stringify(result);
  count(
    report,
    name,
    same ? [] : [`differs from ${one.id}.json; read the difference, then run with --update`],
  );
}
