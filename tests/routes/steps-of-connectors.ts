/** The steps of connectors: one is added, tested, changed and removed; a report of a stranger is refused. */
import type { Step } from "./steps.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const named = ({ connectorId = "" }: Readonly<Record<string, string>>) => ({ params: { connectorId } });

export const connectors: readonly Step[] = [
  {
    route: "POST /api/v1/connectors",
    ask: () => ({
      body: {
        kind: "webhook",
        name: "matrix",
        settings: { url: "https://receiver.invalid/hook" },
        secrets: { signing: SECRET, callback: SECRET },
      },
    }),
    keep: (answer) => ({ connectorId: (JSON.parse(answer) as { id: string }).id }),
  },
  {
    route: "PATCH /api/v1/connectors/[connectorId]",
    ask: (kept) => ({ ...named(kept), body: { selector: 'node.labels.role == "gpu"' } }),
  },
  { route: "POST /api/v1/connectors/[connectorId]/test", ask: named },
  {
    route: "POST /api/v1/connectors/[connectorId]/callbacks",
    ask: (kept) => ({ ...named(kept), body: {} }),
    refusedWith: "connector/report-refused",
  },
  { route: "POST /api/v1/connectors/[connectorId]/disable", ask: named },
  { route: "POST /api/v1/connectors/[connectorId]/enable", ask: named },
  { route: "DELETE /api/v1/connectors/[connectorId]", ask: named },
];
