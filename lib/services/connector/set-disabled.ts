/** Taking a connector out of use, putting it back, and removing it. */
import type { Tx } from "#db/client";
import { connectorOpenSteps, connectorSet } from "#db/queries/connector";
import { ConnectorParams } from "#lib/contracts/connector";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { aboutConnector, lockConnector } from "./find.ts";

type Given = { connectorId: string };

/** Also stops steps that have begun: a call of a disabled one is refused. Idempotent. @throws {ProblemError} `connector/not-found` */
export const disableConnector = command({
  name: "connector.disable",
  permission: "connector:manage",
  input: ConnectorParams,
  target: ({ connectorId }) => connectorId,
  run: (tx, { actor, now }, { connectorId }: Given) =>
    setDisabled(tx, { actor, connectorId, disabledAt: now() }),
});

/** Idempotent. @throws {ProblemError} `connector/not-found` */
export const enableConnector = command({
  name: "connector.enable",
  permission: "connector:manage",
  input: ConnectorParams,
  target: ({ connectorId }) => connectorId,
  run: (tx, { actor }, { connectorId }: Given) => setDisabled(tx, { actor, connectorId, disabledAt: null }),
});

async function setDisabled(
  tx: Tx,
  asked: { actor: ServiceContext["actor"]; connectorId: string; disabledAt: Date | null },
) {
  const row = await lockConnector(tx, asked.actor, asked.connectorId);
  const disabledAt = asked.disabledAt && (row.disabledAt ?? asked.disabledAt);
  await connectorSet(tx, row, { disabledAt });
  const before = { disabledAt: row.disabledAt };
  return { result: undefined, audit: { ...aboutConnector(row), before, after: { disabledAt } } };
}

/**
 * Remove a connector and its secrets. Its row stays for the executions that name it.
 *
 * @throws {ProblemError} `connector/not-found`; `connector/in-use` while steps of executions wait for it
 */
export const removeConnector = command({
  name: "connector.remove",
  permission: "connector:manage",
  input: ConnectorParams,
  target: ({ connectorId }) => connectorId,
  async run(tx, { actor, now }, { connectorId }) {
    const row = await lockConnector(tx, actor, connectorId);
    const open = await connectorOpenSteps(tx, row);
    if (open > 0)
      throw new ProblemError("connector/in-use", `${open} steps of executions wait for it. Disable it.`);
    await connectorSet(tx, row, { removedAt: now(), sealedSecrets: null });
    const before = { kind: row.kind, name: row.name, settings: row.settings, selector: row.selector };
    return { result: undefined, audit: { ...aboutConnector(row), before, after: null } };
  },
});
