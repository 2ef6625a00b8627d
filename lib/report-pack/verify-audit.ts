/** Checks what a pack encloses of the audit log, with the checks that the log itself is checked by. Pure. */
import { z } from "zod";
import type { Checkpoint } from "#lib/domain/merkle/checkpoint";
import { parseNote, parseVkey, verifiedBy } from "#lib/domain/merkle/note";
import { isConsistent } from "#lib/domain/merkle/verify";
import { parseAddCheckpoint } from "#lib/domain/merkle/witness";
import type { ReportSnapshot } from "#lib/domain/report/snapshot";
import { sha256, verifyEd25519 } from "#lib/transparency/crypto";
import { verifyProof } from "#lib/transparency/verify-proof";
import { AUDIT_FILE, checkpointOf } from "./contents.ts";
import { counted, type Finding, failed, notProven, proven } from "./finding.ts";
import { readCanonical } from "./manifest.ts";
import { type PackFiles, textOf } from "./verify-files.ts";

const PROOF = /^(\d+)\.tlog-proof$/;

/** @param given keys that the one who checks knows the logs by; empty = none were given */
export function checkAudit(files: PackFiles, snapshot: ReportSnapshot, given: readonly string[]): Finding[] {
  const logs = new Map<string, string[]>();
  for (const name of files.names) {
    const [folder, domainId = "", file = ""] = name.split("/");
    if (folder === "audit") logs.set(domainId, [...(logs.get(domainId) ?? []), file]);
  }
  const findings = [...logs].flatMap(([domainId, names]) => {
    const text = (name: string) => textOf(files.read(`audit/${domainId}/${name}`) ?? new Uint8Array()) ?? "";
    return checkLog({ domainId, names, text, snapshot, given });
  });
  const origins = [...logs.keys()].map((domainId) => {
    const note = textOf(files.read(`audit/${domainId}/${AUDIT_FILE.checkpoint}`) ?? new Uint8Array());
    return note === null ? undefined : checkpointOf(note)?.origin;
  });
  const unused = given.filter((vkey) => !origins.includes(parseVkey(sha256, vkey)?.name));
  findings.push(
    ...unused.map((vkey) => failed("audit", `It holds nothing of the log that you gave the key of: ${vkey}`)),
  );
  const missing = snapshot.scope.domains.filter(({ id }) => !logs.has(id));
  if (missing.length > 0) {
    const text = `Nothing of the audit log is enclosed for ${counted(missing.length, "trust domain")} of the report.`;
    findings.push(notProven("audit", text));
  }
  return findings;
}

type Log = {
  domainId: string;
  names: readonly string[];
  /** Empty for a file that is not there. */
  text: (name: string) => string;
  snapshot: ReportSnapshot;
  given: readonly string[];
};

function checkLog(log: Log): Finding[] {
  const { domainId, text, snapshot, given } = log;
  const part = `audit/${domainId}`;
  if (!snapshot.scope.domains.some(({ id }) => id === domainId)) {
    return [failed(part, "It is of a trust domain that the report is not about.")];
  }
  const checkpoint = checkpointOf(text(AUDIT_FILE.checkpoint));
  if (!checkpoint) return [failed(`${part}/${AUDIT_FILE.checkpoint}`, "This is no checkpoint of a log.")];
  const ofLog = given.filter((vkey) => parseVkey(sha256, vkey)?.name === checkpoint.origin);
  const isKnown = ofLog.length > 0;
  const vkeys = isKnown ? ofLog : text(AUDIT_FILE.keys).split("\n").slice(0, -1);
  if (!isSignedBy(text(AUDIT_FILE.checkpoint), vkeys)) {
    const whose = isKnown ? "that you gave" : "of the log";
    return [failed(`${part}/${AUDIT_FILE.checkpoint}`, `No key ${whose} signed it.`)];
  }
  const faults = [...proofFaults(log, part, vkeys), ...growthFaults(log, { part, vkeys, checkpoint })];
  if (faults.length > 0) return faults;
  return [
    proven(part, sentence(log, checkpoint)),
    isKnown
      ? proven(part, "A key that you gave signed its checkpoint.")
      : notProven(part, "The key that signed its checkpoint comes from the pack itself."),
  ];
}

function isSignedBy(text: string, vkeys: readonly string[]): boolean {
  const note = parseNote(text);
  const keys = vkeys.map((vkey) => parseVkey(sha256, vkey)).filter((key) => key !== null);
  return note !== null && (verifiedBy(note, keys, verifyEd25519)?.length ?? 0) > 0;
}

const Entry = z.object({ trustDomainId: z.string(), action: z.string(), entityId: z.string() });

function proofFaults({ domainId, names, text }: Log, part: string, vkeys: readonly string[]): Finding[] {
  return proofNames(names).flatMap((name) => {
    const refused = (why: string) => [failed(`${part}/${name}`, why)];
    const found = verifyProof(text(name), vkeys);
    if (!found.ok) return refused(`The proof does not hold: ${found.why}.`);
    if (!text(name).endsWith(`\n\n${text(AUDIT_FILE.checkpoint)}`)) {
      return refused("It leads to another checkpoint than the one that is enclosed.");
    }
    if (`${found.index}.tlog-proof` !== name)
      return refused("It is of another place in the log than its name says.");
    const entry = Entry.safeParse(readCanonical(found.entry));
    return entry.data?.trustDomainId === domainId ? [] : refused("It is no entry of this trust domain.");
  });
}

const proofNames = (names: readonly string[]) => names.filter((name) => PROOF.test(name));

type Signed = { part: string; vkeys: readonly string[]; checkpoint: Checkpoint };

function growthFaults({ names, text }: Log, { part, vkeys, checkpoint }: Signed): Finding[] {
  const [hasBefore, hasProof] = [names.includes(AUDIT_FILE.before), names.includes(AUDIT_FILE.consistency)];
  if (!hasBefore && !hasProof) return [];
  const refused = (why: string) => [failed(`${part}/${AUDIT_FILE.consistency}`, why)];
  const before = checkpointOf(text(AUDIT_FILE.before));
  const asked = parseAddCheckpoint(text(AUDIT_FILE.consistency));
  if (!before || !asked) return refused("It does not go with an older checkpoint, or cannot be read.");
  if (before.origin !== checkpoint.origin || !isSignedBy(text(AUDIT_FILE.before), vkeys)) {
    return refused("The older checkpoint is not one of this log.");
  }
  if (
    !text(AUDIT_FILE.consistency).endsWith(`\n\n${text(AUDIT_FILE.checkpoint)}`) ||
    asked.oldSize !== before.size
  ) {
    return refused("It is about other checkpoints than those that are enclosed.");
  }
  const { size, root } = checkpoint;
  const claim = { oldSize: before.size, oldRoot: before.root, size, root, proof: asked.proof };
  return isConsistent(sha256, claim) ? [] : refused("The log is not the older one with entries added.");
}

function sentence({ names, text, snapshot }: Log, { origin, size }: Checkpoint): string {
  const count = proofNames(names).length;
  const included = `${counted(count, "entry", "entries")} enclosed ${count === 1 ? "stands" : "stand"} in the log ${origin}, of ${size}`;
  const before = names.includes(AUDIT_FILE.before) ? checkpointOf(text(AUDIT_FILE.before)) : null;
  const grown = before ? `, which has only grown since it had ${before.size}` : "";
  const about = proofNames(names).filter((name) => entityOf(text(name)) === snapshot.id).length;
  return `${included}${grown}. About this report: ${about}.`;
}

/** What an entry is about, of a proof that holds. */
function entityOf(proof: string): string | undefined {
  const extra = /^extra (.+)$/m.exec(proof)?.[1] ?? "";
  return Entry.safeParse(readCanonical(Buffer.from(extra, "base64").toString("utf8"))).data?.entityId;
}
