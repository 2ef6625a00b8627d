/** Writes a report of 10,000 rows once, in a process of its own, and says what that took: B34 runs it. */
import { createHash } from "node:crypto";
import { snapshotText } from "#lib/domain/report/snapshot";
import { REPORT_FILES } from "#lib/report/formats/registry";
import { aRow, aSnapshot } from "#tests/report-samples";

const ROWS = 10_000;
const RACKS = 40;

const rows = Array.from({ length: ROWS }, (_, at) =>
  aRow({
    ...{ key: `${at}`, name: `node-${at}.rack-${at % RACKS}.example.org` },
    detail: `is trusted by its newest evidence, which is the one of minute ${at} and older than the limit allows`,
    verdict: at % 3 === 0 ? "missed" : "met",
  }),
);
const snapshot = aSnapshot({ rows: { M01: rows } });
const text = snapshotText(snapshot);
const digest = createHash("sha256").update(text).digest("hex");
const format = REPORT_FILES.find(({ id }) => id === process.argv[2]);
if (!format) throw new Error(`no form ${process.argv[2]}`);

const [before, start] = [process.cpuUsage(), process.hrtime.bigint()];
const bytes = await format.write({ snapshot, text, digest, evidence: "sample" });
const { user, system } = process.cpuUsage(before);
const taken = {
  cpuSeconds: (user + system) / 1e6,
  seconds: Number(process.hrtime.bigint() - start) / 1e9,
  peakMb: process.resourceUsage().maxRSS / 1_024,
  bytes: bytes.length,
};
process.stdout.write(JSON.stringify(taken));
