/** Importing a framework, or its next version. */
import type { Tx } from "#db/client";
import {
  type FrameworkKey,
  frameworkVersionInsert,
  frameworkVersions,
  ownFrameworkCount,
  ownFrameworkInsert,
} from "#db/queries/own-framework";
import { type FrameworkImported, ImportFrameworkBody } from "#lib/contracts/own-framework";
import { ownFrameworkId } from "#lib/domain/measure/own-framework";
import { ProblemError } from "#lib/domain/problems";
import { type PersonActor, personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { domainFor } from "#lib/services/domain";
import { uuidv7 } from "#lib/services/uuidv7";
import { lockFramework } from "./lock.ts";
import { type OscalReader, readUpload } from "./read-upload.ts";

const FRAMEWORKS_MAX = 50;
const VERSIONS_MAX = 200;
/** A framework that is new has always counted, unless somebody says otherwise. */
const ALWAYS = new Date(0);

/**
 * Controls are those of the document; what they are mapped to stays as it is, and speaks to those that are still there.
 *
 * @param reader from the composition root
 * @throws {ProblemError} `request/invalid` with the place and the reason; `compliance/unknown-framework`,
 *   `compliance/framework-retired`, `compliance/framework-changed`, `compliance/too-many-frameworks`
 */
export function importFramework(
  ctx: ServiceContext,
  body: ImportFrameworkBody,
  reader: OscalReader,
): Promise<FrameworkImported> {
  const run = command({
    name: "framework.import",
    permission: "compliance:manage",
    input: ImportFrameworkBody,
    target: ({ framework }) => framework ?? "-",
    async run(tx, { actor: caller, now }, { framework, version: expected, validFrom, ...upload }) {
      const actor = personActor(caller);
      const at = now();
      const { read, digest, base } = await readUpload(tx, actor.trustDomainIds, upload, { reader, now: at });
      const key =
        framework === null
          ? await newFramework(tx, actor, at)
          : await lockFramework(tx, actor.trustDomainIds, framework);
      const [newest] = await frameworkVersions(tx, key, at);
      if ((newest?.version ?? 0) !== expected) {
        throw new ProblemError("compliance/framework-changed", "Look at what the import would do once more.");
      }
      if (expected >= VERSIONS_MAX) {
        throw new ProblemError("compliance/too-many-frameworks", "The framework has too many versions.");
      }
      const version = expected + 1;
      const from = validFrom === undefined ? (newest ? at : ALWAYS) : new Date(validFrom);
      const { kind, document, controls } = read;
      const about = { title: document.title, edition: document.version, oscalVersion: document.oscalVersion };
      await frameworkVersionInsert(
        tx,
        {
          ...{ trustDomainId: key.trustDomainId, frameworkId: key.id, version, kind, ...about },
          ...{ documentUuid: document.uuid, digest: Buffer.from(digest, "hex"), base },
          ...{ withdrawn: [...read.withdrawn], notRead: read.notRead, validFrom: from },
          ...{ recordedAt: at, recordedBy: actor.id },
        },
        controls,
      );
      const id = ownFrameworkId(key.id);
      return {
        result: { id, version, controls: controls.length, digest },
        audit: {
          ...{ trustDomainId: key.trustDomainId, entity: "framework", entityId: id },
          before: newest
            ? { version: newest.version, title: newest.title, digest: newest.digest.toString("hex") }
            : null,
          after: {
            ...{ version, kind, ...about, documentUuid: document.uuid, digest, base },
            ...{ validFrom: from.toISOString(), controls: controls.length },
          },
        },
      };
    },
  });
  return run(ctx, body);
}

async function newFramework(tx: Tx, actor: PersonActor, at: Date): Promise<FrameworkKey> {
  const trustDomainId = domainFor(actor);
  if ((await ownFrameworkCount(tx, trustDomainId)) >= FRAMEWORKS_MAX) {
    throw new ProblemError("compliance/too-many-frameworks", `A trust domain has at most ${FRAMEWORKS_MAX}.`);
  }
  const key = { trustDomainId, id: uuidv7(at) };
  await ownFrameworkInsert(tx, { ...key, madeBy: actor.id, madeAt: at });
  return key;
}
