/** What the system behind a connector reports by itself. */
import { z } from "zod";
import type { Db } from "#db/client";
import { connectorById, connectorLock } from "#db/queries/connector";
import { ConnectorError, type Incoming } from "#lib/connectors/contract";
import type { Actor } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { aboutConnector } from "./find.ts";
import { openRow } from "./open.ts";
import type { ConnectorTools } from "./tools.ts";
import { receive } from "./without-secrets.ts";

const REFUSED = "It is not signed with the key of a connector that takes reports here.";

/**
 * Take a report. Whoever sends it is nobody until its signature was verified; a connector that does not exist, is
 * disabled, or takes no reports is answered like a wrong signature.
 *
 * @param db sees every domain: which one it is about is said by the connector
 * @throws {ProblemError} `connector/report-refused`, `connector/report-unknown`, `connector/report-over`;
 *   `request/invalid` for a signed text that is no report
 */
export async function receiveReport(
  edge: Omit<ServiceContext, "actor" | "db"> & { db: Db },
  tools: ConnectorTools,
  message: Incoming & { connectorId: string },
  signal: AbortSignal,
): Promise<void> {
  const known = await connectorById(edge.db, message.connectorId);
  if (!known || known.disabledAt !== null || known.removedAt !== null) throw refusal();
  const actor: Actor = { kind: "system", id: "connector", trustDomainIds: [known.trustDomainId] };
  const take = command({
    name: "connector.report",
    permission: "connector:manage",
    input: z.strictObject({ connectorId: z.uuid() }),
    target: ({ connectorId }) => connectorId,
    async run(tx, { now }, { connectorId }) {
      // Of two reports about one request the second one sees what the first one said.
      const row = await connectorLock(tx, [known.trustDomainId], connectorId);
      if (!row) throw refusal();
      try {
        const { connector, ctx } = openRow(tx, tools, row, { now, signal });
        const { idempotencyKey, changed, detail } = await receive(connector, ctx, message);
        const after = { name: row.name, step: idempotencyKey, changed, detail };
        return { result: undefined, audit: { ...aboutConnector(row), before: null, after } };
      } catch (error) {
        throw error instanceof ConnectorError ? problemOf(error) : error;
      }
    },
  });
  await take({ ...edge, actor }, { connectorId: known.id });
}

const refusal = () => new ProblemError("connector/report-refused", REFUSED);

function problemOf({ kind, message }: ConnectorError): ProblemError {
  if (kind === "not_found") return new ProblemError("connector/report-unknown", message);
  if (kind === "conflict") return new ProblemError("connector/report-over", message);
  if (kind === "invalid_answer") return new ProblemError("request/invalid", message);
  return refusal();
}
