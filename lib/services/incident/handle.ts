/** What people do about an incident: own it, write down what they found, add a change, resolve it. */
import { z } from "zod";
import type { Tx } from "#db/client";
import { groupsLock } from "#db/queries/drift-group";
import {
  entryInsert,
  type IncidentRow,
  incidentLink,
  incidentLock,
  incidentUpdate,
} from "#db/queries/incident";
import {
  type ENTRY_KINDS,
  LinkIncidentBody,
  NoteIncidentBody,
  OwnIncidentBody,
  ResolveIncidentBody,
} from "#lib/contracts/incident";
import { ProblemError } from "#lib/domain/problems";
import { holderNow, type PersonActor, personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { announce } from "#lib/services/notification/announce";
import { breakerOff } from "#lib/services/remediation/announce-pause";
import { uuidv7 } from "#lib/services/uuidv7";

const Id = { incidentId: z.uuid() };

type Step = { kind: (typeof ENTRY_KINDS)[number]; text: string; set?: Partial<IncidentRow> };
type Given = { tx: Tx; row: IncidentRow; actor: PersonActor; at: Date };

/** Do one step on the locked incident and write it into its course. */
async function step(
  tx: Tx,
  ctx: ServiceContext,
  incidentId: string,
  make: (given: Given) => Promise<Step> | Step,
) {
  const actor = personActor(ctx.actor);
  const row = await incidentLock(tx, actor.trustDomainIds, incidentId);
  if (!row) throw new ProblemError("incident/not-found", `No incident ${incidentId}.`);
  const at = ctx.now();
  const { kind, text, set } = await make({ tx, row, actor, at });
  const { trustDomainId } = row;
  if (set) await incidentUpdate(tx, row, set);
  await entryInsert(tx, { trustDomainId, id: uuidv7(at), incidentId, at, author: actor.id, kind, text });
  return {
    result: { id: incidentId, at: at.toISOString() },
    audit: {
      trustDomainId,
      entity: "incident",
      entityId: incidentId,
      before: { state: row.state, owner: row.owner },
      after: { state: set?.state ?? row.state, owner: set?.owner ?? row.owner, kind, text },
    },
  };
}

const target = ({ incidentId }: { incidentId: string }) => incidentId;

/** @throws {ProblemError} `incident/not-found`, `incident/resolved`, `user/not-found` */
export const ownIncident = command({
  name: "incident.own",
  permission: "incident:handle",
  input: OwnIncidentBody.extend(Id),
  target,
  run: (tx, ctx, { incidentId, owner }) =>
    step(tx, ctx, incidentId, async ({ row }) => {
      refuseResolved(row);
      if (owner === null) return { kind: "owner", text: "Nobody owns it.", set: { owner } };
      const person = await holderNow(tx, owner, row.trustDomainId, "incident:handle", ctx.now());
      if (!person?.holds) {
        throw new ProblemError("user/not-found", "There is no such person, or their role may not handle it.");
      }
      return { kind: "owner", text: `${person.email} owns it.`, set: { owner } };
    }),
});

/** Also possible after it was resolved: what is learnt later belongs to it. @throws {ProblemError} `incident/not-found` */
export const noteIncident = command({
  name: "incident.note",
  permission: "incident:handle",
  input: NoteIncidentBody.extend(Id),
  target,
  run: (tx, ctx, { incidentId, text }) => step(tx, ctx, incidentId, () => ({ kind: "note", text })),
});

/** @throws {ProblemError} `incident/not-found`, `incident/resolved`, `drift/not-found` */
export const linkIncident = command({
  name: "incident.link",
  permission: "incident:handle",
  input: LinkIncidentBody.extend(Id),
  target,
  run: (tx, ctx, { incidentId, groupId }) =>
    step(tx, ctx, incidentId, async ({ row, actor, at }) => {
      refuseResolved(row);
      const [group] = await groupsLock(tx, [row.trustDomainId], [groupId]);
      if (!group) throw new ProblemError("drift/not-found", `No drift group ${groupId}.`);
      const { trustDomainId } = row;
      const link = { trustDomainId, incidentId, groupId, addedAt: at, addedBy: actor.id };
      const isNew = await incidentLink(tx, link);
      return { kind: "linked", text: `${isNew ? "Added" : "Named again"}: the change of ${group.path}` };
    }),
});

/**
 * Say what it was. The breaker goes off with the last incident that holds it.
 *
 * @throws {ProblemError} `incident/not-found`, `incident/resolved`
 */
export const resolveIncident = command({
  name: "incident.resolve",
  permission: "incident:handle",
  input: ResolveIncidentBody.extend(Id),
  target,
  run: (tx, ctx, { incidentId, review }) =>
    step(tx, ctx, incidentId, async ({ row, actor, at }) => {
      refuseResolved(row);
      await announce(
        tx,
        {
          kind: "incident.resolved",
          trustDomainId: row.trustDomainId,
          subject: row.id,
          title: `Resolved: ${row.title}`,
          summary: review,
          link: `/incidents/${row.id}`,
          at,
        },
        ...(row.breaker ? [breakerOff(row, at)] : []),
      );
      const set = { state: "resolved", resolvedAt: at, resolvedBy: actor.id, review };
      return { kind: "resolved", text: review, set };
    }),
});

function refuseResolved({ state }: IncidentRow): void {
  if (state === "resolved") throw new ProblemError("incident/resolved", "Somebody resolved it already.");
}
