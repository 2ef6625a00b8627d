/**
 * B34: a PDF of 10,000 rows, against an XLSX of the same rows; each run in a process of its own.
 *
 * Measured by the time of the processor. Besides the ratio, the PDF must be written within 10 s of a core, and the process
 * that writes it must never hold more than 400 MB.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type BenchResult, median, resultOf, runOf } from "./ratios.ts";

const RUNS = 5;
const CEILING = 4;
const LONGEST_SECONDS = 10;
const PEAK_MB = 400;

type Taken = { cpuSeconds: number; seconds: number; peakMb: number; bytes: number };

async function write(form: "pdf" | "xlsx"): Promise<Taken> {
  const file = join(import.meta.dirname, "report-file.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, file, form]);
  return JSON.parse(stdout) as Taken;
}

const words = ({ cpuSeconds, seconds, peakMb, bytes }: Taken) =>
  `${cpuSeconds.toFixed(2)} s of a core, ${seconds.toFixed(1)} s by the clock, peak ${peakMb.toFixed(0)} MB, ${bytes} bytes`;

export async function benchReport(log: (line: string) => void): Promise<BenchResult> {
  const each = [];
  const peaks = [];
  for (let run = 1; run <= RUNS; run += 1) {
    const [pdf, xlsx] = [await write("pdf"), await write("xlsx")];
    log(`run ${run}: PDF ${words(pdf)}`);
    log(`run ${run}: XLSX ${words(xlsx)}`);
    each.push(runOf(pdf.cpuSeconds, xlsx.cpuSeconds));
    peaks.push(pdf.peakMb);
  }
  const usual = median(each.map(({ candidate }) => candidate));
  if (usual > LONGEST_SECONDS) throw new Error(`${usual.toFixed(1)} s is longer than ${LONGEST_SECONDS} s`);
  const peak = Math.max(...peaks);
  if (peak > PEAK_MB) throw new Error(`${peak.toFixed(0)} MB is more than ${PEAK_MB} MB`);
  return resultOf({ ceiling: CEILING }, each);
}
