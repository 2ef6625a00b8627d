/** Requests about schedules of reports. */
import type { Step } from "./steps.ts";

const SCHEDULE = {
  ...{ name: "A schedule of the matrix", framework: null, every: "week", dueDays: 0, dueHour: 6 },
  ...{ formats: ["pdf"], recipients: [] },
};
const named = ({ scheduleId = "" }: { scheduleId?: string }) => ({ params: { scheduleId } });

export const REPORT_SCHEDULE_STEPS: readonly Step[] = [
  {
    route: "POST /api/v1/report-schedules",
    ask: () => ({ body: SCHEDULE }),
    keep: (answer) => ({ scheduleId: (JSON.parse(answer) as { id: string }).id }),
  },
  {
    route: "PUT /api/v1/report-schedules/[scheduleId]",
    ask: (kept) => ({ ...named(kept), body: { ...SCHEDULE, every: "month", revision: 1 } }),
  },
  {
    route: "POST /api/v1/report-schedules/[scheduleId]/run",
    ask: (kept) => ({ ...named(kept), body: {} }),
  },
  {
    route: "POST /api/v1/report-schedules/[scheduleId]/pause",
    ask: (kept) => ({ ...named(kept), body: { paused: true } }),
  },
  { route: "DELETE /api/v1/report-schedules/[scheduleId]", ask: named },
];
