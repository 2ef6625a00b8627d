"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { ApiProblem } from "#lib/client/api";
import { displayText } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { ACTION_WORDS, confirmationOf, namesSentence } from "#lib/client/remediation-words";
import {
  breakGlass,
  rehearseRemediation,
  remediationKeys,
  remediationPreviewOptions,
  requestRemediation,
} from "#lib/client/remediations";
import { useDrillable } from "#lib/client/sacrificial";
import { instantOfField } from "#lib/client/utc-field";
import type { RemediationDetail, RemediationPreview } from "#lib/contracts/remediation";
import { type Recipe, recipeFor } from "#lib/domain/recipe";
import { REMEDIATION_REASON_MIN, type RemediationAction } from "#lib/domain/remediation";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, fieldHintId, Input, Textarea } from "../ui/input.tsx";
import { announceDone } from "../ui/toast.tsx";
import { TypedConfirmation } from "../ui/typed-confirmation.tsx";
import { PlanPreview } from "./plan-preview.tsx";

/** What is about to be asked for. */
export type Wanted = { action: RemediationAction; nodes: readonly { id: string; name: string }[] };

/** Asks for an action on some nodes, with what it would do in sight before it can be sent. */
export function RequestDialog({
  wanted,
  onClose,
}: {
  wanted: Wanted | null;
  onClose: (sent: boolean) => void;
}) {
  const label = wanted ? ACTION_WORDS[wanted.action].label : "";
  const what =
    wanted?.nodes.length === 1
      ? displayText(wanted.nodes[0]?.name ?? "").text
      : `${wanted?.nodes.length} nodes`;
  return (
    <Dialog
      open={wanted !== null}
      onOpenChange={(open) => !open && onClose(false)}
      title={`${label} ${what}`}
      wide
      alert
      fallbackFocus={() => document.querySelector<HTMLElement>("main h1")}
    >
      {wanted && <RequestForm key={JSON.stringify(wanted)} wanted={wanted} onClose={onClose} />}
    </Dialog>
  );
}

type Draft = {
  /** Names of what of the recipe is asked for. */
  params: readonly string[];
  reason: string;
  ticket: string;
  later: boolean;
  startAt: string;
  typed: string;
  atOnce: boolean;
  drill: boolean;
};
const DONE: Readonly<Record<RemediationDetail["origin"], string>> = {
  person: "The request waits for approval",
  break_glass: "It is being done now",
  drill: "The rehearsal has begun",
  real_drill: "The drill waits for approval",
  policy: "It was asked for",
};
const EMPTY: Draft = {
  params: [],
  reason: "",
  ticket: "",
  later: false,
  startAt: "",
  typed: "",
  atOnce: false,
  drill: false,
};

function RequestForm({ wanted, onClose }: { wanted: Wanted; onClose: (sent: boolean) => void }) {
  const { action, nodes } = wanted;
  const router = useRouter();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState(EMPTY);
  const change = (more: Partial<Draft>) => setDraft((now) => ({ ...now, ...more }));
  const startAt = draft.later && !draft.atOnce ? instantOfField(draft.startAt) : null;
  const recipe = recipeFor(action);
  const params = Object.fromEntries(draft.params.map((name) => [name, true]));
  const drillable = useDrillable(nodes);
  const question = {
    action,
    targets: { nodeIds: nodes.map(({ id }) => id) },
    recipe: recipe.id,
    params,
    ...(startAt === null ? {} : { startAt }),
  };
  const asked = { ...question, ...(drillable && draft.drill && !draft.atOnce && { drill: true }) };
  const preview = useQuery(remediationPreviewOptions(asked));
  const plan = preview.data;
  const confirmation = confirmationOf(action, nodes);
  const send = useMutation({
    mutationFn: (how: "ask" | "rehearse") => {
      const said = {
        reason: draft.reason.trim(),
        ...(draft.ticket.trim() === "" ? {} : { ticket: draft.ticket.trim() }),
      };
      if (how === "rehearse") return rehearseRemediation({ ...question, ...said });
      if (!draft.atOnce) return requestRemediation({ ...asked, ...said });
      return breakGlass({
        ...{ action: "quarantine", targets: question.targets, recipe: recipe.id, params },
        ...said,
      });
    },
    onSuccess: async ({ id, origin }) => {
      announceDone({ title: DONE[origin] });
      await queryClient.invalidateQueries({ queryKey: remediationKeys.all });
      onClose(true);
      router.push(paths.remediation(id));
    },
  });
  const refusal = plan && (draft.atOnce ? plan.may.breakGlass : plan.may.request);
  const hasReason = draft.reason.trim().length >= REMEDIATION_REASON_MIN;
  const ready =
    plan !== undefined &&
    !preview.isPlaceholderData &&
    refusal === null &&
    hasReason &&
    (confirmation === null || draft.typed === confirmation.phrase) &&
    (!draft.later || draft.atOnce || startAt !== null);
  function submit(event: FormEvent) {
    event.preventDefault();
    if (ready) send.mutate("ask");
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <p className="text-data break-words">{ACTION_WORDS[action].consequence}</p>
      {nodes.length > 1 && (
        <p className="font-mono text-small break-all text-muted">
          {namesSentence(
            nodes.map(({ name }) => displayText(name).text),
            8,
          )}
        </p>
      )}
      <RecipeFields recipe={recipe} params={draft.params} onChange={(chosen) => change({ params: chosen })} />
      <PreviewBox preview={preview} startAt={startAt} atOnce={draft.atOnce} />
      <Field
        id="request-reason"
        label="Reason"
        hint={`At least ${REMEDIATION_REASON_MIN} characters. Approvers read it first.`}
      >
        <Textarea
          id="request-reason"
          rows={2}
          required
          maxLength={1_000}
          value={draft.reason}
          onChange={(event) => change({ reason: event.target.value })}
          aria-describedby={fieldHintId("request-reason")}
        />
      </Field>
      <Field id="request-ticket" label="Ticket, if there is one">
        <Input
          id="request-ticket"
          maxLength={200}
          value={draft.ticket}
          onChange={(event) => change({ ticket: event.target.value })}
        />
      </Field>
      {plan?.may.breakGlass === null && (
        <BreakGlass checked={draft.atOnce} onChange={(atOnce) => change({ atOnce })} />
      )}
      {drillable && !draft.atOnce && (
        <label className="touch inline-flex items-center gap-2 text-data">
          <input
            type="checkbox"
            checked={draft.drill}
            onChange={(event) => change({ drill: event.target.checked })}
            className="size-4 shrink-0"
          />
          A drill: it is done wholly, and told apart from what is needed
        </label>
      )}
      {!draft.atOnce && <StartFields draft={draft} change={change} />}
      {confirmation && (
        <TypedConfirmation
          id="request-typed"
          label={confirmation.label}
          phrase={confirmation.phrase}
          value={draft.typed}
          onChange={(typed) => change({ typed })}
        />
      )}
      {refusal && (
        <p role="alert" className="text-data break-words text-danger">
          {displayText(refusal).text}
        </p>
      )}
      {send.error && <FormProblem error={send.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button className="min-h-11 sm:min-h-8" onClick={() => onClose(false)}>
          Cancel
        </Button>
        <Button
          className="min-h-11 sm:min-h-8"
          disabled={plan === undefined || !hasReason}
          pending={send.isPending}
          title="Every check and every preview, and nothing is done"
          onClick={() => send.mutate("rehearse")}
        >
          Rehearse
        </Button>
        <Button
          type="submit"
          variant={draft.atOnce ? "danger" : "primary"}
          className="min-h-11 sm:min-h-8"
          disabled={!ready}
          pending={send.isPending}
        >
          {draft.atOnce
            ? `${ACTION_WORDS[action].label} now`
            : `Request: ${ACTION_WORDS[action].label.toLowerCase()}`}
        </Button>
      </div>
    </form>
  );
}

/** What is done in which way, and what of it may be chosen. */
function RecipeFields({
  recipe: { title, about, params: offered },
  params,
  onChange,
}: {
  recipe: Recipe;
  params: readonly string[];
  onChange: (params: readonly string[]) => void;
}) {
  return (
    <div className="flex flex-col gap-1 text-data">
      <p className="break-words">
        <strong className="font-medium">{title}.</strong> {about}
      </p>
      {Object.entries(offered).map(([name, words]) => (
        <label key={name} className="touch inline-flex items-center gap-2">
          <input
            type="checkbox"
            checked={params.includes(name)}
            onChange={(event) =>
              onChange(event.target.checked ? [...params, name] : params.filter((one) => one !== name))
            }
            className="size-4 shrink-0"
          />
          {words}
        </label>
      ))}
    </div>
  );
}

/** The plan as it would be now. It is kept in sight while a newer one is on its way. */
function PreviewBox({
  preview: { data, error, isPending },
  startAt,
  atOnce,
}: {
  preview: { data: RemediationPreview | undefined; error: Error | null; isPending: boolean };
  startAt: string | null;
  atOnce: boolean;
}) {
  if (data) return <PlanPreview plan={data} startAt={startAt} atOnce={atOnce} />;
  if (error) {
    return error instanceof ApiProblem ? (
      <FormProblem error={error} />
    ) : (
      <p role="alert" className="text-data text-danger">
        What it would do could not be found out, so it cannot be asked for.
      </p>
    );
  }
  return (
    <p role="status" className="text-small text-muted">
      {isPending && "Looking at what this would do…"}
    </p>
  );
}

function BreakGlass({ checked, onChange }: { checked: boolean; onChange: (checked: boolean) => void }) {
  return (
    <div className="flex flex-col gap-1 rounded-[4px] border border-danger px-3 py-2">
      <label className="touch inline-flex items-center gap-2 text-data font-medium">
        <input
          type="checkbox"
          checked={checked}
          onChange={(event) => onChange(event.target.checked)}
          className="size-4 shrink-0"
        />
        Break glass: do it now, without approval
      </label>
      {checked && (
        <ul className="flex list-disc flex-col gap-0.5 pl-6 text-small">
          <li>You prove once more who you are, and it begins at once.</li>
          <li>Your name and your reason stand on the audit record, marked as break-glass.</li>
          <li>Somebody else must review it within 24 hours; until then a banner says so on every page.</li>
        </ul>
      )}
    </div>
  );
}

function StartFields({ draft, change }: { draft: Draft; change: (more: Partial<Draft>) => void }) {
  return (
    <>
      <label className="touch inline-flex items-center gap-2 text-data">
        <input
          type="checkbox"
          checked={draft.later}
          onChange={(event) => change({ later: event.target.checked })}
          className="size-4 shrink-0"
        />
        Not before a certain time
      </label>
      {draft.later && (
        <Field id="request-start" label="Not before (UTC)" hint="Approvals are needed all the same.">
          <Input
            id="request-start"
            type="datetime-local"
            required
            value={draft.startAt}
            onChange={(event) => change({ startAt: event.target.value })}
            aria-describedby={fieldHintId("request-start")}
          />
        </Field>
      )}
    </>
  );
}
