/** Adding a sink. */
import { headRead } from "#db/queries/feed";
import { sinkCount, sinkInsert } from "#db/queries/sink";
import { CreateSinkBody, SINKS_MAX, type SinkChanged } from "#lib/contracts/sink";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { domainFor } from "#lib/services/domain";
import { uuidv7 } from "#lib/services/uuidv7";
import { kindNamed, readValues } from "./read-input.ts";
import { type SinkTools, secretPlace } from "./tools.ts";

/**
 * Add a sink of the caller's own trust domain. Its secrets are sealed for it alone and never told again.
 *
 * @throws {ProblemError} `request/invalid`, `sink/name-taken`, `sink/too-many`
 */
export function createSink(
  ctx: ServiceContext,
  body: CreateSinkBody,
  { kinds, sealer }: Pick<SinkTools, "kinds" | "sealer">,
): Promise<SinkChanged> {
  const create = command({
    name: "sink.create",
    permission: "sink:manage",
    input: CreateSinkBody,
    target: ({ name }) => name,
    async run(tx, { actor, now }, { name, ocsfVersion, facts, begin, ...input }) {
      const kind = kindNamed(kinds, input.kind);
      const settings = readValues(kind.settings, input.settings, "settings");
      const secrets = readValues(kind.secrets, input.secrets, "secrets");
      const trustDomainId = domainFor(actor);
      if ((await sinkCount(tx, trustDomainId)) >= SINKS_MAX)
        throw new ProblemError("sink/too-many", `There are ${SINKS_MAX} sinks already.`);
      const createdAt = now();
      const id = uuidv7(createdAt);
      const head = await headRead(tx, trustDomainId);
      const cursor = begin === "now" ? (head?.lastSeq ?? 0) : (head?.keptFrom ?? 1) - 1;
      const shown = { name, kind: kind.kind, settings, ocsfVersion, facts, cursor };
      const inserted = await sinkInsert(tx, {
        ...{ trustDomainId, id, ...shown, createdAt },
        sealedSecrets: sealer.seal(Buffer.from(JSON.stringify(secrets)), secretPlace({ trustDomainId, id })),
        createdBy: actor.kind === "user" ? actor.id : null,
        ...{ revision: 1, delivered: 0, missed: 0, failures: 0 },
      });
      if (!inserted) throw nameTaken(name);
      return {
        result: { id },
        audit: { trustDomainId, entity: "sink", entityId: id, before: null, after: shown },
      };
    },
  });
  return create(ctx, body);
}

export const nameTaken = (name: string) =>
  new ProblemError("sink/name-taken", `There is a sink called "${name}" already.`);
