/** Adding a system that can act on nodes. */
import { connectorInsert } from "#db/queries/connector";
import { type ConnectorView, CreateConnectorBody } from "#lib/contracts/connector";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { domainFor } from "#lib/services/domain";
import { parseInput } from "#lib/services/input";
import { uuidv7 } from "#lib/services/uuidv7";
import { aboutConnector, kindNamed, refuseSelector, sealSecrets, storedView } from "./find.ts";
import type { ConnectorTools } from "./tools.ts";

/**
 * Create a connector. It is used from then on; nobody has tested it yet.
 *
 * @throws {ProblemError} `domain/not-found`, `connector/name-taken`; `request/invalid` for an unknown kind, a bad
 *   selector, and settings or secrets that are not the kind's
 */
export function createConnector(
  ctx: ServiceContext,
  tools: ConnectorTools,
  body: CreateConnectorBody,
): Promise<ConnectorView> {
  const create = command({
    name: "connector.create",
    permission: "connector:manage",
    input: CreateConnectorBody,
    target: ({ name }) => name,
    async run(tx, { actor, now }, { name, selector, ...given }) {
      const kind = kindNamed(tools.kinds, given.kind);
      const settings = parseInput(kind.settings, given.settings, "/settings") as Record<string, unknown>;
      const secrets = parseInput(kind.secrets, given.secrets, "/secrets");
      refuseSelector(selector);
      const trustDomainId = given.trustDomainId ?? domainFor(actor);
      if (!actor.trustDomainIds.includes(trustDomainId))
        throw new ProblemError("domain/not-found", `No trust domain ${trustDomainId}.`);
      const at = now();
      const key = { trustDomainId, id: uuidv7(at) };
      const row = { ...key, kind: kind.kind, name, settings, selector };
      const sealedSecrets = sealSecrets(tools, key, secrets);
      const times = { createdAt: at, changedAt: at, secretsChangedAt: at };
      if (!(await connectorInsert(tx, { ...row, ...times, sealedSecrets }))) throw nameTaken(name);
      const result = await storedView(tx, key, tools);
      return { result, audit: { ...aboutConnector(key), before: null, after: row } };
    },
  });
  return create(ctx, body);
}

export const nameTaken = (name: string) =>
  new ProblemError("connector/name-taken", `There is a connector called "${name}" already.`);
