/** Requests about reports. */
import type { Step } from "./steps.ts";

const HOUR_MS = 3_600_000;
const at = (ms: number) => new Date(ms).toISOString();

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
    route: "POST /api/v1/reports/[reportId]/cancel",
    ask: ({ reportId = "" }) => ({ params: { reportId } }),
  },
];
