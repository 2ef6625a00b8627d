/** Changing a sink. */
import { z } from "zod";
import { type SinkRow, sinkLock, sinkUpdate } from "#db/queries/sink";
import { type SinkChanged, UpdateSinkBody } from "#lib/contracts/sink";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { whenTaken } from "#lib/services/when-taken";
import { nameTaken } from "./create.ts";
import { noSink } from "./list.ts";
import { kindNamed, readValues } from "./read-input.ts";
import { type SinkTools, secretPlace } from "./tools.ts";

const Input = UpdateSinkBody.extend({ sinkId: z.uuid() });

/**
 * Change everything but the kind. A failing sink is tried again at once; what is told at this moment under the old
 * settings is told again.
 *
 * @throws {ProblemError} `sink/not-found`, `sink/name-taken`, `request/invalid`; also when the address changes and the
 *   secrets are not given anew, so that nobody sends stored ones somewhere else
 */
export function updateSink(
  ctx: ServiceContext,
  body: z.input<typeof Input>,
  { kinds, sealer }: Pick<SinkTools, "kinds" | "sealer">,
): Promise<SinkChanged> {
  const update = command({
    name: "sink.update",
    permission: "sink:manage",
    input: Input,
    target: ({ sinkId }) => sinkId,
    async run(tx, { actor, now }, { sinkId, name, enabled, ocsfVersion, facts, ...input }) {
      const row = await sinkLock(tx, actor.trustDomainIds, sinkId);
      if (!row) throw noSink(sinkId);
      const kind = kindNamed(kinds, row.kind);
      const settings = readValues(kind.settings, input.settings, "settings");
      if (input.secrets === null && destinationOf(settings) !== destinationOf(row.settings)) {
        const detail = "Give the secrets again: stored ones do not follow to another address.";
        throw new ProblemError("request/invalid", detail, { pointers: [{ pointer: "#/secrets", detail }] });
      }
      const secrets = input.secrets && readValues(kind.secrets, input.secrets, "secrets");
      const disabledAt = enabled ? null : (row.disabledAt ?? now());
      const after = { name, settings, ocsfVersion, facts, disabledAt };
      await sinkUpdate(tx, row, {
        ...after,
        ...(secrets
          ? { sealedSecrets: sealer.seal(Buffer.from(JSON.stringify(secrets)), secretPlace(row)) }
          : {}),
        ...{ dueAt: null, failures: 0 },
      }).catch(whenTaken(nameTaken(name)));
      return {
        result: { id: sinkId },
        audit: {
          ...{ trustDomainId: row.trustDomainId, entity: "sink", entityId: sinkId, before: auditedOf(row) },
          after: { ...after, secretsChanged: secrets !== null },
        },
      };
    },
  });
  return update(ctx, body);
}

/** Where secrets would go. */
const destinationOf = ({ url, host, port, ca }: Readonly<Record<string, unknown>>): string =>
  JSON.stringify([url, host, port, ca]);

export const auditedOf = ({ name, settings, ocsfVersion, facts, disabledAt }: SinkRow) => ({
  ...{ name, settings, ocsfVersion, facts, disabledAt },
});
