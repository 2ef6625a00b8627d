/** What the facility needs to know of the kinds of changes; the list is given by the composition root. */
import { createHash } from "node:crypto";
import type { z } from "zod";
import type { Conn, Tx } from "#db/client";
import type { ChangePreview } from "#lib/contracts/change-request";
import type { Permission } from "#lib/domain/access";
import { canonicalJson } from "#lib/domain/change-request";
import { ProblemError } from "#lib/domain/problems";
import type { AuditNote } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { parseInput } from "#lib/services/input";

/** What would be done, as of now. */
export type ChangePlan = {
  trustDomainId: string;
  /** Id of what would be changed. */
  subject: string;
  /** One sentence for people. */
  summary: string;
  /**
   * Everything whose change voids a vote, as JSON. Nothing in it may be in the hands of the party that
   * the change is directed against, or that party could keep it from ever being approved.
   */
  facts: unknown;
};

export type ChangeKindSpec<S extends z.ZodType> = {
  /** `entity.verb`; also the audit action of applying it. */
  kind: string;
  label: string;
  schema: S;
  permissionToPropose: Permission;
  permissionToDecide: Permission;
  /**
   * Plan it, or refuse with a `ProblemError`. Cheap: it runs again under the request's lock at the vote.
   * In a transaction it locks what it plans to change.
   */
  plan: (conn: Conn | Tx, ctx: ServiceContext, payload: z.output<S>) => Promise<ChangePlan>;
  /** What it would move. May take seconds; reads only. */
  preview: (ctx: ServiceContext, payload: z.output<S>) => Promise<ChangePreview>;
  /** Do it, in the transaction of the vote. */
  apply: (
    tx: Tx,
    ctx: ServiceContext,
    payload: z.output<S>,
    requestId: string,
  ) => Promise<Pick<AuditNote, "entity" | "entityId" | "before" | "after">>;
};

/** A kind whose payload was given up on in the type, so that a list can hold all of them. */
export type ChangeKind = Omit<ChangeKindSpec<z.ZodType>, "plan"> & {
  plan: (
    conn: Conn | Tx,
    ctx: ServiceContext,
    payload: unknown,
  ) => Promise<ChangePlan & { planHash: string }>;
};

/** Make a kind: payloads are parsed before anything sees them, and plans are given their hash. */
export function changeKind<S extends z.ZodType>(spec: ChangeKindSpec<S>): ChangeKind {
  const read = (payload: unknown) => parseInput(spec.schema, payload, "/payload");
  return {
    ...spec,
    async plan(conn, ctx, payload) {
      const parsed = read(payload);
      const plan = await spec.plan(conn, ctx, parsed);
      const text = canonicalJson({ kind: spec.kind, payload: parsed, facts: plan.facts });
      return { ...plan, planHash: createHash("sha256").update(text).digest("hex") };
    },
    preview: (ctx, payload) => spec.preview(ctx, read(payload)),
    apply: (tx, ctx, payload, requestId) => spec.apply(tx, ctx, read(payload), requestId),
  };
}

/** @throws {ProblemError} `request/invalid` when this version has no such kind */
export function changeKindOf(kinds: readonly ChangeKind[], name: string): ChangeKind {
  const found = kinds.find(({ kind }) => kind === name);
  if (found) return found;
  const detail = `There is no kind "${name}". Use ${kinds.map(({ kind }) => kind).join(", ")}.`;
  throw new ProblemError("request/invalid", detail, { pointers: [{ pointer: "#/kind", detail }] });
}
