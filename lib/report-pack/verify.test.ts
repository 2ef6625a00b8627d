import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "#lib/domain/audit/canonical-json";
import { NO_TOTALS } from "#lib/domain/measure/measure";
import { utf8 } from "#lib/domain/merkle/bytes";
import type { ReportSnapshot } from "#lib/domain/report/snapshot";
import { reportTotals } from "#lib/domain/report/snapshot";
import {
  anySnapshot,
  makeSampleKey,
  nodeIdOf,
  sampleContents,
  sampleLog,
  sampleSnapshot,
  smallSnapshot,
} from "#tests/pack-samples";
import { buildPack, type PackContents } from "./build.ts";
import { sha256Hex } from "./contents.ts";
import type { Finding } from "./finding.ts";
import { FILE, type Manifest } from "./manifest.ts";
import { type KnownKeys, verifyPack } from "./verify.ts";
import { readKeys } from "./verify-signature.ts";
import { readZip, unpack, writeZip, zipEntry } from "./zip.ts";

const KEY = makeSampleKey();
const LOG = sampleLog();
const nothing = reportTotals(NO_TOTALS);
const SMALL = smallSnapshot();
const NOTHING: KnownKeys = { keys: null, vkeys: [] };
const KNOWN: KnownKeys = { keys: readKeys(JSON.stringify(KEY.keys)), vkeys: [LOG.vkey] };

const packOf = (snapshot: ReportSnapshot, change: Partial<PackContents> = {}) =>
  buildPack({ ...sampleContents(snapshot, KEY, LOG), ...change }, KEY.sign);
const PACK = packOf(SMALL);

const failures = (bytes: Uint8Array, known = KNOWN) =>
  verifyPack(bytes, known).findings.filter(({ standing }) => standing === "failed");
const partsOf = (findings: readonly Finding[]) => findings.map(({ part }) => part);

/** The files of a pack, changed, packed and named in a manifest again; the signature stays the old one. */
function repacked(bytes: Uint8Array, change: (files: Map<string, Uint8Array>) => void): Uint8Array {
  const zip = readZip(bytes);
  if (!zip.ok) throw new Error(zip.fault.why);
  const files = new Map(zip.entries.map((entry) => [entry.name, unpack(entry) ?? new Uint8Array()]));
  change(files);
  const manifest: Manifest = JSON.parse(Buffer.from(files.get(FILE.manifest) ?? []).toString());
  const listed = [...files].filter(([name]) => name !== FILE.manifest && name !== FILE.envelope).sort();
  const entries = listed.map(([name, content]) => zipEntry(name, content, { deflate: true }));
  const again: Manifest = {
    ...manifest,
    report: { ...manifest.report, digest: sha256Hex(files.get(FILE.report) ?? new Uint8Array()) },
    files: listed.map(([name, content], n) => ({
      ...{ name, size: content.length, sha256: sha256Hex(content) },
      mediaType: manifest.files.find((file) => file.name === name)?.mediaType ?? "application/x-ndjson",
      packed: {
        size: entries[n]?.packed.length ?? 0,
        sha256: sha256Hex(entries[n]?.packed ?? new Uint8Array()),
      },
    })),
  };
  const envelope = files.get(FILE.envelope) ?? new Uint8Array();
  return writeZip([
    ...entries,
    zipEntry(FILE.manifest, utf8(canonicalJson(again)), { deflate: false }),
    zipEntry(FILE.envelope, envelope, { deflate: false }),
  ]);
}

/** Which file of a pack each byte is of, and whether it lies in the directory of the ZIP or in a name. */
function placesOf(bytes: Uint8Array): {
  ownerOf: (at: number) => string;
  isDirectory: (at: number) => boolean;
} {
  const zip = readZip(bytes);
  if (!zip.ok) throw new Error(zip.fault.why);
  const owners: string[] = [];
  const directory: boolean[] = [];
  const lay = (name: string, length: number, isOfDirectory: boolean) => {
    for (let n = 0; n < length; n += 1) {
      owners.push(name);
      directory.push(isOfDirectory);
    }
  };
  for (const { name, packed } of zip.entries) {
    lay(name, 26, false);
    // What says how long the name is, and the name.
    lay(name, 2, true);
    lay(name, 2, false);
    lay(name, name.length, true);
    lay(name, packed.length, false);
  }
  for (const { name } of zip.entries) lay(name, 46 + name.length, true);
  lay("the end of the ZIP", 22, true);
  expect(owners.length).toBe(bytes.length);
  return { ownerOf: (at) => owners[at] ?? "", isDirectory: (at) => directory[at] ?? false };
}

describe("a pack", () => {
  it("is proven by keys that are known, whole without any, and says what it does not prove", () => {
    const found = verifyPack(PACK, KNOWN);
    expect(found.standing).toBe("proven");
    expect(found.report?.id).toBe(SMALL.id);
    const unproven = partsOf(found.findings.filter(({ standing }) => standing === "not_proven"));
    expect(unproven).toEqual(["period before", "evidence", "rows"]);
    const alone = verifyPack(PACK, NOTHING);
    expect(alone.standing).toBe("not_proven");
    expect(partsOf(alone.findings.filter(({ standing }) => standing === "not_proven"))).toContain("origin");
  });

  it("has the same bytes whenever it is made", () => {
    expect(Buffer.from(packOf(smallSnapshot())).equals(PACK)).toBe(true);
  });

  it("passes for every report that the rules can make, whatever names hold", () => {
    fc.assert(
      fc.property(anySnapshot, (snapshot) => {
        const found = verifyPack(packOf(snapshot), KNOWN);
        expect(found.findings.filter(({ standing }) => standing === "failed")).toEqual([]);
        expect(found.standing).toBe("proven");
      }),
      { numRuns: 40 },
    );
  });
});

describe("a pack in which something was changed", () => {
  it("fails with any byte changed, and names the part that the byte is of", () => {
    const row = SMALL.rows.M04?.[0];
    const snapshot = sampleSnapshot(null, ({ id }) => (id === "M04" && row ? [row] : []));
    const few = { ...snapshot, measures: snapshot.measures.filter(({ id }) => id === "M04") };
    const bytes = buildPack(
      {
        snapshot: { ...few, rows: { M04: snapshot.rows.M04 ?? [] } },
        evidence: { extent: "none", documents: [] },
        ...{ audit: [], policies: [], keys: KEY.keys },
      },
      KEY.sign,
    );
    expect(failures(bytes, { ...KNOWN, vkeys: [] })).toEqual([]);
    const { ownerOf, isDirectory } = placesOf(bytes);
    const unseen: number[] = [];
    const changed = Uint8Array.from(bytes);
    bytes.forEach((byte, at) => {
      changed[at] = byte ^ (1 << (at % 8));
      const parts = partsOf(failures(changed, { ...KNOWN, vkeys: [] }));
      // A byte of the directory may leave no name that could be told.
      if (!parts.includes(ownerOf(at)) && !(isDirectory(at) && parts[0]?.endsWith("of the ZIP")))
        unseen.push(at);
      changed[at] = byte;
    });
    expect(bytes.length).toBeGreaterThan(4_000);
    expect(unseen).toEqual([]);
  });

  it("fails with any byte of a full one set to anything else", () => {
    fc.assert(
      fc.property(fc.nat({ max: PACK.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Uint8Array.from(PACK);
        changed[at] = (changed[at] ?? 0) ^ change;
        expect(failures(changed).length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  it("fails when it was cut short at any place that its files end", () => {
    for (let length = 0; length < PACK.length; length += 97) {
      expect(verifyPack(PACK.subarray(0, length), KNOWN).standing).toBe("failed");
    }
  });

  it("never throws, whatever it is given", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        expect(verifyPack(bytes, KNOWN).standing).toBe("failed");
      }),
    );
  });
});

describe("a pack that somebody made anew", () => {
  it("fails by its signature when a row is gone, with every digest and figure made to fit", () => {
    const without = sampleSnapshot(null, () => []);
    const forged = packOf({ ...without, id: SMALL.id });
    const bytes = repacked(forged, (files) => {
      const zip = readZip(PACK);
      const envelope = zip.ok ? zip.entries.find(({ name }) => name === FILE.envelope) : undefined;
      files.set(FILE.envelope, (envelope && unpack(envelope)) ?? new Uint8Array());
    });
    expect(partsOf(failures(bytes))).toEqual([FILE.envelope]);
  });

  it("fails by its origin when another key signed it, though it is whole in itself", () => {
    const stranger = makeSampleKey();
    const bytes = buildPack(sampleContents(SMALL, stranger, LOG), stranger.sign);
    expect(partsOf(failures(bytes))).toEqual(["origin"]);
    expect(verifyPack(bytes, { ...KNOWN, keys: null }).standing).toBe("not_proven");
    // The key of the installation beside it makes no difference.
    const both = { keys: [...stranger.keys.keys, ...KEY.keys.keys] };
    const disguised = buildPack({ ...sampleContents(SMALL, stranger, LOG), keys: both }, stranger.sign);
    expect(partsOf(failures(disguised))).toEqual(["origin"]);
  });

  it("fails when a signature is of another payload type, or of nobody", () => {
    const other = buildPack(sampleContents(SMALL, KEY, LOG), (_, payload) => KEY.sign("text/plain", payload));
    expect(partsOf(failures(other))).toEqual([FILE.envelope]);
    const nobody = buildPack(sampleContents(SMALL, KEY, LOG), (...args) => ({
      ...KEY.sign(...args),
      signatures: [],
    }));
    expect(partsOf(failures(nobody))).toEqual([FILE.envelope]);
  });

  it("fails when files were exchanged with one another, or with those of another pack", () => {
    const swapped = repacked(PACK, (files) => {
      const [a, b] = ["rows/M01.jsonl", "rows/M04.jsonl"];
      const kept = files.get(a) ?? new Uint8Array();
      files.set(a, files.get(b) ?? new Uint8Array());
      files.set(b, kept);
    });
    expect(partsOf(failures(swapped))).toEqual([FILE.envelope, "rows/M01.jsonl", "rows/M04.jsonl"]);
  });

  it("fails with a file too many, and with one too few", () => {
    const more = repacked(PACK, (files) => files.set("rows/M99.jsonl", utf8("{}\n")));
    expect(partsOf(failures(more))).toContain("rows/M99.jsonl");
    const strange = repacked(PACK, (files) => files.set("notes.txt", utf8("hello")));
    expect(partsOf(failures(strange))).toContain("notes.txt");
    for (const name of [
      FILE.report,
      FILE.readme,
      FILE.keys,
      FILE.envelope,
      FILE.assessment,
      "rows/M04.jsonl",
    ]) {
      expect(partsOf(failures(repacked(PACK, (files) => files.delete(name))))).not.toEqual([]);
    }
  });
});

/** Whoever holds the key can sign anything; figures that do not follow are still seen. */
describe("a pack whose maker signed what does not follow", () => {
  const changedMeasure = (id: string, change: Partial<ReportSnapshot["measures"][number]>) =>
    packOf({
      ...SMALL,
      measures: SMALL.measures.map((one) => (one.id === id ? { ...one, ...change } : one)),
    });

  it.each([
    [
      "a row that is missing",
      { ...SMALL, rows: { ...SMALL.rows, M04: SMALL.rows.M04?.slice(1) ?? [] } },
      "measure M04",
    ],
    ["rows of no measure", { ...SMALL, rows: { ...SMALL.rows, M77: [] } }, FILE.report],
    ["no rows of a measure", { ...SMALL, rows: { M04: SMALL.rows.M04 ?? [] } }, FILE.report],
    ["a control that is better than its measures", betterControl(SMALL), "control 800-155"],
    ["a control that is measured by less", lessMeasured(SMALL), "mapping"],
    ["controls of no framework", { ...SMALL, framework: null }, "controls"],
  ] as const)("shows %s", (_, snapshot, part) => {
    expect(partsOf(failures(packOf(snapshot)))).toContain(part);
  });

  it("shows a result, a threshold, a reason and totals that are not those of the measure", () => {
    const totals = SMALL.measures.find(({ id }) => id === "M04")?.totals;
    if (!totals) throw new Error("no such measure");
    for (const bytes of [
      changedMeasure("M04", { result: "satisfied" }),
      changedMeasure("M04", { threshold: 0.1, result: "satisfied" }),
      changedMeasure("M04", { threshold: 0.9 }),
      changedMeasure("M04", { reason: "no reason" }),
      changedMeasure("M04", { totals: { ...totals, met: 3 } }),
      changedMeasure("M04", { previous: { ...totals, denominator: 99 } }),
      changedMeasure("M04", { how: "by looking" }),
    ]) {
      expect(partsOf(failures(bytes))).toContain("measure M04");
    }
  });

  it("shows a note that was not in force", () => {
    const expired = {
      ...{ id: nodeIdOf(9), kind: "not_applicable" as const, verdict: null, reason: "old", madeBy: null },
      ...{ madeAt: "2026-01-01T00:00:00.000Z", expiresAt: "2026-02-01T00:00:00.000Z" },
    };
    const controls = SMALL.controls.map((control) =>
      control.id === "800-155"
        ? { ...control, status: "not_applicable" as const, notes: [expired] }
        : control,
    );
    expect(partsOf(failures(packOf({ ...SMALL, controls })))).toEqual(["control 800-155"]);
  });

  it("shows policies that the report does not name, and evidence that the manifest denies", () => {
    const policies = [{ text: "name: other\n" }];
    expect(partsOf(failures(packOf(SMALL, { policies })))).toEqual([
      `policies/${sha256Hex(utf8("name: other\n"))}.yaml`,
    ]);
    const { documents } = sampleContents(SMALL, KEY, LOG).evidence;
    expect(partsOf(failures(packOf(SMALL, { evidence: { extent: "none", documents } })))).toEqual([
      "evidence",
    ]);
  });

  it("does not judge by definitions that it does not know, and says so", () => {
    const found = verifyPack(packOf({ ...SMALL, catalogueVersion: "99" }), KNOWN);
    expect(found.standing).toBe("proven");
    expect(partsOf(found.findings.filter(({ standing }) => standing === "not_proven"))).toContain(
      "definitions",
    );
  });

  it("proves a pack of before, in which what is measured now was not", () => {
    const before = (id: string) => id === "M20" || id === "M22";
    const measures = SMALL.measures.map((measure) =>
      before(measure.id)
        ? {
            ...measure,
            ...({ kind: "unavailable", unit: "findings", threshold: null, result: "no_data" } as const),
            ...{ how: "Not computed.", notCovered: "All of it.", reason: "It is not kept.", totals: nothing },
          }
        : measure,
    );
    const rows = Object.fromEntries(Object.entries(SMALL.rows).filter(([id]) => !before(id)));
    const framework = SMALL.framework && { ...SMALL.framework, mappingVersion: "1" };
    const controls = SMALL.controls.filter((control) => !control.measures.some(before));
    const pack = packOf({ ...SMALL, framework, catalogueVersion: "1", measures, rows, controls });
    expect(verifyPack(pack, KNOWN).standing).toBe("proven");
  });
});

describe("what is enclosed of the audit log", () => {
  const folder = `audit/${LOG.excerpt.trustDomainId}`;
  const withAudit = (change: Partial<typeof LOG.excerpt>) =>
    packOf(SMALL, { audit: [{ ...LOG.excerpt, ...change }] });

  it("fails when another log's key is the one that is known", () => {
    const other = sampleLog();
    expect(partsOf(failures(PACK, { ...KNOWN, vkeys: [other.vkey] }))).toEqual([`${folder}/checkpoint.txt`]);
    const elsewhere = LOG.vkey.replace(/^[^+]+/, "elsewhere");
    expect(partsOf(failures(PACK, { ...KNOWN, vkeys: [elsewhere] }))).toEqual(["audit"]);
  });

  it("fails with proofs of another log, of another place, and of an older checkpoint", () => {
    const other = sampleLog();
    expect(partsOf(failures(withAudit({ proofs: other.excerpt.proofs })))).toContain(
      `${folder}/2.tlog-proof`,
    );
    const [first] = LOG.excerpt.proofs;
    const moved = withAudit({ proofs: [{ index: 3, text: first?.text ?? "" }] });
    expect(partsOf(failures(moved))).toEqual([`${folder}/3.tlog-proof`]);
    const older = withAudit({ checkpoint: LOG.excerpt.before?.checkpoint ?? "", before: null });
    expect(partsOf(failures(older))).toEqual([`${folder}/2.tlog-proof`, `${folder}/5.tlog-proof`]);
  });

  it("fails when the log is not the older one with entries added", () => {
    const { before } = LOG.excerpt;
    const other = sampleLog(9, 4).excerpt.before;
    const consistency = `${folder}/consistency.txt`;
    expect(partsOf(failures(withAudit({ before: other })))).toEqual([consistency]);
    const shortened = before && { ...before, proof: before.proof.slice(1) };
    expect(partsOf(failures(withAudit({ before: shortened })))).toEqual([consistency]);
  });

  it("fails for a trust domain that the report is not about, and is missed where it is not enclosed", () => {
    const stranger = withAudit({ trustDomainId: nodeIdOf(1) });
    expect(partsOf(failures(stranger, { ...KNOWN, vkeys: [] }))).toEqual([`audit/${nodeIdOf(1)}`]);
    const found = verifyPack(packOf(SMALL, { audit: [] }), { ...KNOWN, vkeys: [] });
    expect(found.standing).toBe("proven");
    expect(partsOf(found.findings.filter(({ standing }) => standing === "not_proven"))).toContain("audit");
  });
});

function betterControl(snapshot: ReportSnapshot): ReportSnapshot {
  const controls = snapshot.controls.map((one) =>
    one.id === "800-155" ? { ...one, status: "pass" as const } : one,
  );
  return { ...snapshot, controls };
}

function lessMeasured(snapshot: ReportSnapshot): ReportSnapshot {
  const controls = snapshot.controls.map((one) =>
    one.id === "800-155" ? { ...one, measures: [], status: "manual" as const } : one,
  );
  return { ...snapshot, controls };
}
