/** Requests about reports. */
import type { Step } from "./steps.ts";

const HOUR_MS = 3_600_000;
const at = (ms: number) => new Date(ms).toISOString();

/** A key of nobody, in the form that key sets have. */
const KEYS = JSON.stringify({
  keys: [{ kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }],
});

export const REPORT_STEPS: readonly Step[] = [
  {
    route: "POST /api/v1/reports",
    ask: () => ({
      body: {
        ...{ title: "A report of the matrix", framework: null },
        ...{ from: at(Date.now() - HOUR_MS), to: at(Date.now() + HOUR_MS) },
      },
    }),
    keep: (answer) => ({ reportId: (JSON.parse(answer) as { id: string }).id }),
  },
  {
    // What is no pack is found to be none, and that somebody had it checked is on record.
    route: "POST /api/v1/reports/check",
    ask: () => ({ body: { pack: Buffer.from("no pack").toString("base64"), keys: KEYS } }),
  },
  {
    route: "POST /api/v1/reports/[reportId]/cancel",
    ask: ({ reportId = "" }) => ({ params: { reportId } }),
  },
];
