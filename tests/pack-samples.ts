/** Evidence packs of invented reports, made by the rules of the product, with an audit log of their own. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import fc from "fast-check";
import { kidOf, signEnvelope } from "#db/signing";
import type { InstallationKeys } from "#lib/contracts/attestation";
import { ALL_MEASURES, MEASURE_CATALOGUE_VERSION } from "#lib/domain/measure/catalogue";
import { controlStatus, type Framework, kindsFor, NOTE_KINDS } from "#lib/domain/measure/control";
import { FRAMEWORKS, MAPPING_VERSION } from "#lib/domain/measure/frameworks";
import { judge, type Measure, NO_TOTALS, ROW_KINDS, ROW_VERDICTS } from "#lib/domain/measure/measure";
import { frameworkOfDocument, ownFrameworkId } from "#lib/domain/measure/own-framework";
import { utf8 } from "#lib/domain/merkle/bytes";
import { formatCheckpoint } from "#lib/domain/merkle/checkpoint";
import { formatNote, formatVkey, SIGNATURE_TYPE, verifierKey } from "#lib/domain/merkle/note";
import { formatProofFile } from "#lib/domain/merkle/proof-file";
import {
  append,
  consistencyRanges,
  EMPTY_FRONTIER,
  type Frontier,
  inclusionRanges,
  leafHash,
  type NodeRef,
  proofOf,
  rootOfFrontier,
} from "#lib/domain/merkle/tree";
import { readOscal } from "#lib/domain/oscal/read";
import { addUp, inReportOrder } from "#lib/domain/report/add-up";
import {
  REPORT_FORMAT,
  type ReportNote,
  type ReportRow,
  type ReportSnapshot,
  reportTotals,
} from "#lib/domain/report/snapshot";
import type { PackContents, SignPack } from "#lib/report-pack/build";
import { type AuditExcerpt, sha256Hex } from "#lib/report-pack/contents";
import { makeEd25519, sha256, signEd25519 } from "#lib/transparency/crypto";
import { catalogueDocument } from "./oscal-documents.ts";

const DOMAIN_ID = "01900000-0000-7000-8000-000000000001";
const REPORT_ID = "01900000-0000-7000-8000-000000000002";
const NOTE_ID = "01900000-0000-7000-8000-000000000003";
export const nodeIdOf = (n: number) => `01900000-0000-7000-9000-${String(n).padStart(12, "0")}`;

export type SampleKey = { kid: string; privateKey: KeyObject; keys: InstallationKeys; sign: SignPack };

export function makeSampleKey(): SampleKey {
  const pair = generateKeyPairSync("ed25519");
  const kid = kidOf(pair.publicKey.export({ format: "der", type: "spki" }));
  const { x = "" } = pair.publicKey.export({ format: "jwk" });
  // As it comes out of the database: a key object of its own.
  const privateKey = createPrivateKey(pair.privateKey.export({ format: "pem", type: "pkcs8" }));
  return {
    ...{ kid, privateKey },
    keys: { keys: [{ kty: "OKP", crv: "Ed25519", x: String(x), kid, use: "sig", alg: "EdDSA" }] },
    sign: (payloadType, payload) => signEnvelope(payloadType, payload, { kid, privateKey }),
  };
}

const MADE = { madeAt: "2026-07-02T00:00:00.000Z", madeBy: "ada@example.org" };

/** A framework that somebody imported, with a control of each kind of mapping and one that nobody mapped. */
export const IMPORTED: Framework = frameworkOfDocument(
  {
    ...{
      id: ownFrameworkId("01900000-0000-7000-8000-00000000000f"),
      title: "Ours *and* yours",
      edition: "1.0",
    },
    ...{ revision: 3 },
    source: {
      ...{ kind: "catalog", uuid: "9f1e0a8e-5d0c-4a54-8f6e-3a1c9d0a7b11", oscalVersion: "1.2.2" },
      ...{ digest: "ab".repeat(32), version: 2 },
    },
  },
  readOscal(
    catalogueDocument({
      controls: ["own-1", "own-2", "own-3", "own-4"].map((id) => ({
        ...{ id, title: `Title [of](it) ${id}` },
        parts: id === "own-1" ? [{ name: "statement", id: "own-1_stmt", prose: "Do it." }] : [],
      })),
    }),
    null,
  ).controls,
  [
    {
      ...{ control: "own-1", kind: "measures", measures: ["M02", "M04"], reason: null, ...MADE },
      ...{ covers: "Whether *nodes* were trusted.", notCovered: "What is no node." },
    },
    {
      ...{ control: "own-2", kind: "manual", measures: [], covers: null, notCovered: null, ...MADE },
      reason: "People look at it.",
    },
    {
      ...{ control: "own-3", kind: "not_applicable", measures: [], covers: null, notCovered: null },
      ...{ reason: "There is none of it.", ...MADE },
    },
  ],
);

/** A report whose figures follow from its rows. @param rowsOf rows of a measure, in any order */
export function sampleSnapshot(
  framework: Framework | null,
  rowsOf: (measure: Measure) => readonly ReportRow[],
  notesOf: (controlId: string) => readonly ReportNote[] = () => [],
): ReportSnapshot {
  const wanted = new Set(framework?.controls.flatMap(({ measures }) => measures));
  const chosen = ALL_MEASURES.filter(({ id }) => !framework || wanted.has(id));
  const rows: Record<string, ReportRow[]> = {};
  const measures = chosen.map((measure) => {
    const own = measure.kind === "unavailable" ? [] : inReportOrder(rowsOf(measure));
    rows[measure.id] = own;
    const limitMs = measure.kind === "duration" ? measure.threshold : null;
    const totals = measure.kind === "unavailable" ? NO_TOTALS : addUp(own, own.length, limitMs);
    const result = judge(measure, totals);
    const missing = measure.kind === "unavailable" ? measure.reason : "Nothing was there to measure.";
    const { id, title, question, kind, unit, better, how, notCovered } = measure;
    return {
      ...{ id, title, question, kind, unit, better, how, notCovered, result },
      threshold: measure.kind === "unavailable" ? null : measure.threshold,
      reason: result === "no_data" ? missing : null,
      totals: reportTotals(totals),
      previous: reportTotals(NO_TOTALS),
    };
  });
  const outcomes = new Map(
    measures.map(({ id, result, kind }) => [id, { result, unavailable: kind === "unavailable" }]),
  );
  return {
    format: REPORT_FORMAT,
    id: REPORT_ID,
    title: "Third quarter",
    framework: framework && {
      ...{ id: framework.id, title: framework.title, edition: framework.edition },
      ...{ caution: framework.caution, mappingVersion: framework.mappingVersion ?? MAPPING_VERSION },
      ...(framework.source && { source: framework.source }),
    },
    scope: { domains: [{ id: DOMAIN_ID, name: "example.org" }], q: "" },
    period: { from: "2026-07-01T00:00:00.000Z", to: "2026-10-01T00:00:00.000Z" },
    knownAt: "2026-10-02T00:00:00.000Z",
    generatedAt: "2026-10-02T00:00:01.000Z",
    productVersion: "1.0.0",
    catalogueVersion: MEASURE_CATALOGUE_VERSION,
    policies: [],
    baselines: [],
    measures,
    controls: (framework?.controls ?? []).map(({ id, line, notCovered, measures: speaking, own }) => {
      const notes = notesOf(id);
      const known = speaking.flatMap((one) => outcomes.get(one) ?? []);
      const status = controlStatus(
        known,
        kindsFor(
          own,
          notes.map(({ kind }) => kind),
        ),
      );
      const said = { id, line, notCovered, status, previousStatus: "no_evidence" as const };
      return { ...said, measures: speaking, notes, ...(own && { own }) };
    }),
    rows,
  };
}

const sampleNode = (n: number, verdict: ReportRow["verdict"]): ReportRow => ({
  ...{ kind: "node", key: nodeIdOf(n), nodeId: nodeIdOf(n), name: `rack-${n}`, verdict, weight: 1 },
  ...{ value: null, at: null, detail: "" },
});

/** The smallest framework there is, by default with a node that passed, one that failed and one that was silent. */
export function smallSnapshot(
  rowsOf: (measureId: string) => readonly ReportRow[] = (id) =>
    id === "M04"
      ? [sampleNode(1, "met"), sampleNode(2, "missed"), sampleNode(3, "stale")]
      : [sampleNode(1, "met")],
): ReportSnapshot {
  const [smallest] = [...FRAMEWORKS].sort((a, b) => a.controls.length - b.controls.length);
  return sampleSnapshot(smallest ?? null, ({ id }) => rowsOf(id));
}

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.constantFrom("=cmd()", "<img src=x>", "![x](http://e)", " ", "\u202eevil", "../../etc", "__proto__"),
);

const sampleRow: fc.Arbitrary<ReportRow> = fc.record({
  kind: fc.constantFrom(...ROW_KINDS),
  key: text,
  nodeId: fc.option(fc.nat({ max: 5 }).map(nodeIdOf)),
  name: text,
  verdict: fc.constantFrom(...ROW_VERDICTS),
  weight: fc.nat({ max: 1e12 }),
  value: fc.option(fc.nat({ max: 1e10 })),
  at: fc.constantFrom(null, "2026-08-01T00:00:00.000Z"),
  detail: text,
});

const sampleNote: fc.Arbitrary<ReportNote> = fc.record({
  id: fc.constant(NOTE_ID),
  kind: fc.constantFrom(...NOTE_KINDS),
  verdict: fc.constantFrom(null, "pass" as const, "fail" as const),
  reason: text,
  madeAt: fc.constant("2026-07-02T00:00:00.000Z"),
  madeBy: fc.option(text),
  expiresAt: fc.constant("2026-12-01T00:00:00.000Z"),
});

/** Reports of any framework or of none, with rows and notes that anybody might have written. */
export const anySnapshot: fc.Arbitrary<ReportSnapshot> = fc
  .record({
    framework: fc.constantFrom(null, IMPORTED, ...FRAMEWORKS),
    pool: fc.array(fc.array(sampleRow, { maxLength: 6 }), { minLength: 1, maxLength: 7 }),
    notes: fc.array(fc.array(sampleNote, { maxLength: 1 }), { minLength: 1, maxLength: 5 }),
    title: text,
  })
  .map(({ framework, pool, notes, title }) => {
    let [atRow, atNote] = [0, 0];
    const snapshot = sampleSnapshot(
      framework,
      () => pool[atRow++ % pool.length] ?? [],
      () => notes[atNote++ % notes.length] ?? [],
    );
    return { ...snapshot, title };
  });

export type SampleLog = { vkey: string; excerpt: AuditExcerpt };

/** A log of so many entries, one of them about the report, with proofs of two and from an older checkpoint. */
export function sampleLog(size = 9, oldSize = 4): SampleLog {
  const origin = `touchstone.log/${DOMAIN_ID}`;
  const { publicKey, privateKey } = makeEd25519();
  const key = verifierKey(sha256, { name: origin, type: SIGNATURE_TYPE.ed25519, publicKey });
  const entries = Array.from({ length: size }, (_, n) =>
    n === 2
      ? `{"action":"report.create","entityId":"${REPORT_ID}","trustDomainId":"${DOMAIN_ID}"}`
      : `{"action":"user.sign_in","entityId":"${n}","trustDomainId":"${DOMAIN_ID}"}`,
  );
  const complete = new Map<string, Uint8Array>();
  const frontiers: Frontier[] = [EMPTY_FRONTIER];
  for (const entry of entries) {
    const keep = ({ level, index }: NodeRef, value: Uint8Array) => complete.set(`${level}/${index}`, value);
    frontiers.push(append(sha256, frontiers.at(-1) ?? EMPTY_FRONTIER, leafHash(sha256, utf8(entry)), keep));
  }
  const lookUp = ({ level, index }: NodeRef) => complete.get(`${level}/${index}`) ?? new Uint8Array();
  const noteAt = (count: number) => {
    const root = rootOfFrontier(sha256, frontiers[count] ?? EMPTY_FRONTIER);
    const body = formatCheckpoint({ origin, size: count, root });
    const signature = signEd25519(privateKey, utf8(body));
    return formatNote({ text: body, signatures: [{ name: origin, id: key.id, signature }] });
  };
  const note = noteAt(size);
  const vkey = formatVkey(key);
  return {
    vkey,
    excerpt: {
      trustDomainId: DOMAIN_ID,
      vkeys: [vkey],
      checkpoint: note,
      proofs: [2, 5].map((index) => ({
        index,
        text: formatProofFile({
          extra: utf8(entries[index] ?? ""),
          index,
          proof: proofOf(sha256, inclusionRanges(index, size), lookUp),
          note,
        }),
      })),
      before: {
        checkpoint: noteAt(oldSize),
        proof: proofOf(sha256, consistencyRanges(oldSize, size), lookUp),
      },
    },
  };
}

const POLICY = "name: house\nrules: []\n";

/** Everything that a pack may hold. */
export function sampleContents(snapshot: ReportSnapshot, key: SampleKey, log: SampleLog): PackContents {
  const policy = {
    ...{ domainId: DOMAIN_ID, name: "house", version: 1, digest: sha256Hex(utf8(POLICY)), selector: "" },
    ...{ percent: 100, from: snapshot.period.from, to: null },
  };
  const about = { observedAt: "2026-08-01T00:00:00.000Z", receivedAt: "2026-08-01T00:00:01.000Z" };
  return {
    snapshot: { ...snapshot, policies: [policy] },
    evidence: {
      extent: "sample",
      documents: [
        {
          ...about,
          bytes: utf8('{"ok":true}'),
          mediaType: "application/json",
          source: "lab",
          nodeId: nodeIdOf(1),
        },
        { ...about, bytes: utf8("eyJ.e30.c2ln"), mediaType: "application/jwt", source: "lab", nodeId: null },
      ],
    },
    audit: [log.excerpt],
    policies: [{ text: POLICY }],
    keys: key.keys,
  };
}
