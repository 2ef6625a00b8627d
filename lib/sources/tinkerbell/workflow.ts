/** Tinkerbell Workflow: one provisioning run of one machine. */
import type { BootstrapEventType, BootstrapOutcome, ReasonCode } from "#lib/domain/bootstrap-event";
import type { NodeIdentity } from "#lib/domain/verdict";
import { type Draft, draftOf, externalIdOf } from "#lib/sources/shared/batch";
import { identitiesOf } from "#lib/sources/shared/identities";
import type { KubeObject } from "#lib/sources/shared/kube-object";
import { isMembers, listAt, textAt, timeAt, valueAt } from "#lib/sources/shared/members";

type End = readonly [type: BootstrapEventType, outcome: BootstrapOutcome, code: ReasonCode | null];

const ENDS: Readonly<Record<string, End>> = {
  SUCCESS: ["provisioning.image_completed", "success", null],
  FAILED: ["provisioning.image_failed", "failure", "image_failed"],
  TIMEOUT: ["provisioning.image_failed", "failure", "timeout"],
};

/** Start and end of a run. What it says about the machine are addresses, so it names no node alone. */
export function readWorkflow(object: KubeObject): readonly Draft[] {
  const { value, uid } = object;
  const tasks = listAt(value, "status", "tasks");
  const actions = tasks.flatMap((task) => listAt(task, "actions"));
  const starts = actions.flatMap((action) => startOf(action) ?? []);
  const common = {
    identities: addressesOf(value, tasks),
    displayName: hardwareName(value) ?? object.name,
    requestId: object.name,
    actor: { kind: "controller", id: "tinkerbell", address: null } as const,
    standing: true,
  };
  const drafts: Draft[] = [];
  if (starts.length > 0) {
    drafts.push(
      draftOf({
        ...common,
        externalId: externalIdOf(uid, "started"),
        type: "provisioning.image_started",
        outcome: "pending",
        occurredAtMs: Math.min(...starts),
      }),
    );
  }
  // Older versions write `STATE_SUCCESS`. In `POST` the machine is still being rebooted.
  const state = (textAt(value, "status", "state") ?? "").replace(/^STATE_/, "");
  const end = Object.hasOwn(ENDS, state) ? ENDS[state] : undefined;
  if (end === undefined) return drafts;
  const [type, outcome, reasonCode] = end;
  const last = lastOf(actions);
  drafts.push(
    draftOf({
      ...common,
      externalId: externalIdOf(uid, state),
      type,
      outcome,
      reasonCode,
      reasonText: outcome === "success" ? null : wordsOf(last?.action, state),
      occurredAtMs: last?.atMs ?? null,
    }),
  );
  return drafts;
}

const startOf = (action: unknown) => timeAt(action, "executionStart") ?? timeAt(action, "startedAt");

/** The action that ended last; one that never ended (a run timed out) counts with its start. */
function lastOf(actions: readonly unknown[]): { action: unknown; atMs: number } | null {
  let last: { action: unknown; atMs: number } | null = null;
  for (const action of actions) {
    const atMs = timeAt(action, "executionStop") ?? startOf(action);
    if (atMs !== null && (last === null || atMs >= last.atMs)) last = { action, atMs };
  }
  return last;
}

function wordsOf(action: unknown, state: string): string {
  const name = textAt(action, "name");
  const message = textAt(action, "message");
  return [state, name, message].filter((word) => word !== null).join(": ");
}

function hardwareName(value: unknown): string | null {
  return textAt(value, "spec", "hardwareRef") ?? textAt(value, "spec", "hardwareRef", "name");
}

/** Agents go by a MAC address, unless somebody gave them another name. */
function addressesOf(value: unknown, tasks: readonly unknown[]): NodeIdentity[] {
  const map = valueAt(value, "spec", "hardwareMap");
  const named = isMembers(map) ? Object.values(map) : [];
  const agents = tasks.slice(0, 8).flatMap((task) => [textAt(task, "agentID"), textAt(task, "worker")]);
  const texts = [textAt(value, "status", "agentID"), ...agents, ...named.slice(0, 16)];
  return identitiesOf(texts.map((text) => ["mac", typeof text === "string" ? text : null] as const));
}
