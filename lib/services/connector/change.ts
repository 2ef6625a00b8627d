/** Changing what a connector is set to. */
import { type ConnectorRow, connectorSet } from "#db/queries/connector";
import type { Connector } from "#lib/connectors/contract";
import { ChangeConnectorBody, ConnectorParams, type ConnectorView } from "#lib/contracts/connector";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { parseInput } from "#lib/services/input";
import { whenTaken } from "#lib/services/when-taken";
import { nameTaken } from "./create.ts";
import { destinationNames } from "./fields.ts";
import { aboutConnector, kindNamed, lockConnector, refuseSelector, sealSecrets, storedView } from "./find.ts";
import type { ConnectorTools } from "./tools.ts";

/**
 * Change a connector. With other settings or secrets it counts as not tested.
 *
 * @throws {ProblemError} `connector/not-found`, `connector/name-taken`; `connector/secrets-wanted` when it would show
 *   its secrets to another system; `request/invalid` for what does not fit the kind
 */
export function changeConnector(
  ctx: ServiceContext,
  tools: ConnectorTools,
  body: ChangeConnectorBody & { connectorId: string },
): Promise<ConnectorView> {
  const change = command({
    name: "connector.change",
    permission: "connector:manage",
    input: ConnectorParams.extend(ChangeConnectorBody.shape),
    target: ({ connectorId }) => connectorId,
    async run(tx, { actor, now }, { connectorId, name, selector, ...given }) {
      const row = await lockConnector(tx, actor, connectorId);
      const kind = kindNamed(tools.kinds, row.kind);
      const settings =
        given.settings === undefined
          ? row.settings
          : (parseInput(kind.settings, given.settings, "/settings") as ConnectorRow["settings"]);
      const secrets =
        given.secrets === undefined ? undefined : parseInput(kind.secrets, given.secrets, "/secrets");
      if (secrets === undefined) refuseOtherSystem(kind, row, settings);
      if (selector !== undefined) refuseSelector(selector);
      const at = now();
      await connectorSet(tx, row, {
        name: name ?? row.name,
        selector: selector ?? row.selector,
        settings,
        changedAt: at,
        ...(secrets !== undefined && {
          sealedSecrets: sealSecrets(tools, row, secrets),
          secretsChangedAt: at,
        }),
        ...((given.settings !== undefined || secrets !== undefined) && { testedAt: null, test: null }),
      }).catch(whenTaken(nameTaken(name ?? row.name)));
      const result = await storedView(tx, row, tools);
      const before = { name: row.name, selector: row.selector, settings: row.settings };
      const after = {
        name: result.name,
        selector: result.selector,
        settings,
        newSecrets: secrets !== undefined,
      };
      return { result, audit: { ...aboutConnector(row), before, after } };
    },
  });
  return change(ctx, body);
}

/** Whoever could turn an address around would be sent what was given for another one. */
function refuseOtherSystem(kind: Connector, { settings: before }: ConnectorRow, after: object): void {
  const values = after as Record<string, unknown>;
  const turned = destinationNames(kind).filter((name) => before[name] !== values[name]);
  if (turned.length === 0) return;
  const detail = `With another ${turned.join(" or ")} its secrets have to be given again.`;
  throw new ProblemError("connector/secrets-wanted", detail, {
    pointers: [{ pointer: "#/secrets", detail }],
  });
}
