/** What lies in a pack besides figures: a page for whoever opens it first. Pure. */
import type { ReportSnapshot } from "#lib/domain/report/snapshot";
import { oneLine } from "./oscal-parts.ts";

export function readmeText(snapshot: ReportSnapshot): string {
  const { title, framework, period, knownAt } = snapshot;
  return `Evidence pack of a compliance report
====================================

Report:   ${oneLine(title)}
Period:   ${period.from} to ${period.to} (UTC, the end does not belong to it)
Known at: ${knownAt}
Controls: ${framework ? oneLine(`${framework.title}, ${framework.edition}`) : "none, measures only"}

How to check it, with no access to the system that made it:

  touchstone verify PACK.zip --keys jwks.json --checkpoint-key VKEY

Get jwks.json and VKEY from the installation itself or from somebody whom you trust, not from this pack: its own keys
show that it is whole, and not where it is from. Without a copy of the command, every file can be held against its
SHA-256 in manifest.json, and manifest.dsse.json is a DSSE envelope (Ed25519) over a statement about all of them.

Keep the file as it is. Unpacked and zipped again it is another file, and the check says so.

manifest.json        every file with its size and SHA-256
manifest.dsse.json   the signature over the manifest (DSSE, in-toto)
report.json          the frozen report: figures, controls, rows (canonical JSON, RFC 8785)
rows/                the rows that each measure adds up from, one JSON document per line
policies/            policies that counted in the period, by their SHA-256
evidence/            raw documents as they were received, by their SHA-256; index.jsonl says what each is about
audit/               by trust domain: a checkpoint of the audit log, and proofs of entries (C2SP tlog-proof)
keys/jwks.json       public keys of the installation
oscal/               the report as OSCAL assessment results, and which controls are measured (OSCAL 1.2.2)

What is missing from this list was not enclosed.
`;
}
