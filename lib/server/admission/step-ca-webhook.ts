/** The webhook of a step-ca that is to be answered. */
import "server-only";
import type { Conn } from "#db/client";
import { connectorById } from "#db/queries/connector";
import { type StepCaSecrets, type StepCaSettings, stepCaConnector } from "#lib/connectors/step-ca/index";
import { type CallBounds, openRow } from "#lib/services/connector/open";
import type { ConnectorTools } from "#lib/services/connector/tools";

export type StepCaWebhook = {
  trustDomainId: string;
  /** As step-ca signs with it: bytes in base64. */
  signing: string;
  strangers: StepCaSettings["strangers"];
};

/**
 * @returns `null` when there is none of this id, or it is disabled or of another kind
 * @throws {ConnectorError} when its secret cannot be opened
 */
export async function stepCaWebhook(
  conn: Conn,
  tools: ConnectorTools,
  connectorId: string,
  bounds: CallBounds,
): Promise<StepCaWebhook | null> {
  const row = await connectorById(conn, connectorId);
  if (!row || row.disabledAt !== null || row.removedAt !== null) return null;
  if (row.kind !== stepCaConnector.kind) return null;
  const { settings, secrets } = openRow(conn, tools, row, bounds).ctx;
  const { signing } = secrets as StepCaSecrets;
  return { trustDomainId: row.trustDomainId, signing, ...(settings as StepCaSettings) };
}
