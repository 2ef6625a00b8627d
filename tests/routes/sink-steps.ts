/** Requests about sinks. Their receiver lies where nothing may be sent, so nothing leaves this machine. */
import type { Step } from "./steps.ts";

const settings = { url: "https://10.255.255.1/events" };
const idOf = (answer: string) => ({ sinkId: (JSON.parse(answer) as { id: string }).id });

export const SINK_STEPS: readonly Step[] = [
  {
    route: "POST /api/v1/sinks",
    ask: () => ({ body: { name: "a sink of the matrix", kind: "ndjson", settings } }),
    keep: idOf,
  },
  {
    route: "PUT /api/v1/sinks/[sinkId]",
    ask: ({ sinkId = "" }) => ({
      params: { sinkId },
      body: {
        ...{ name: "another name", settings, secrets: null, ocsfVersion: "1.9.0" },
        ...{ facts: ["audit"], enabled: false },
      },
    }),
  },
  { route: "POST /api/v1/sinks/[sinkId]/test", ask: ({ sinkId = "" }) => ({ params: { sinkId }, body: {} }) },
  {
    route: "POST /api/v1/sinks/[sinkId]/replay",
    ask: ({ sinkId = "" }) => ({ params: { sinkId }, body: { after: 0 } }),
  },
  {
    route: "POST /api/v1/sinks/[sinkId]/dead-letters/replay",
    ask: ({ sinkId = "" }) => ({ params: { sinkId }, body: { seqs: null } }),
  },
  { route: "DELETE /api/v1/sinks/[sinkId]", ask: ({ sinkId = "" }) => ({ params: { sinkId } }) },
];
