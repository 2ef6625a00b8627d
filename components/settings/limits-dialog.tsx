"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { displayText } from "#lib/client/format";
import { draftOfLimits, type LimitsDraft, type LimitValues, limitsOfDraft } from "#lib/client/limits-words";
import { limitsPreviewOptions, setRemediationLimits } from "#lib/client/remediation-limits";
import { remediationKeys } from "#lib/client/remediations";
import type { RemediationLimitsView } from "#lib/contracts/remediation-limits";
import { LIMIT_BOUNDS, type LimitNumber } from "#lib/domain/remediation-limits";
import { ReasonDialog } from "../onboarding/reason-dialog.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { useSettled } from "../ui/settled.ts";
import { announceDone } from "../ui/toast.tsx";
import { LimitsRoomView } from "./limits-room.tsx";

type Domain = RemediationLimitsView["domains"][number];

const TYPING_MS = 400;

const NUMBERS: readonly { legend: string; fields: readonly [LimitNumber, string][] }[] = [
  {
    legend: "At a time",
    fields: [
      ["poolPercent", "Of a pool away (%)"],
      ["minHealthyPercent", "Of a pool serving (%)"],
      ["maxFailureDomains", "Failure domains of a pool"],
      ["quorumAtATime", "Members of a control plane"],
      ["autoPerWindow", "Taken automatically within ten minutes"],
    ],
  },
  {
    legend: "A storm: failed alike within ten minutes",
    fields: [
      ["stormPercent", "More than so much of a pool (%)"],
      ["stormPools", "Or nodes of so many pools"],
      ["stormNodes", "And so many nodes at least"],
    ],
  },
];

const LABELS = [
  ["poolLabels", "Labels of pools", "Names, separated by commas. The first that a node has counts."],
  ["failureDomainLabels", "Labels of failure domains", "Names, separated by commas."],
  [
    "controlPlaneLabels",
    "More labels of control planes",
    "name or name=value. Those of Kubernetes and role=control-plane, master or etcd always count.",
  ],
] as const;

/** Other limits for one trust domain, with what they would allow now, and a reason that stays. */
export function LimitsDialog({
  domain,
  open,
  onOpenChange,
}: {
  domain: Domain;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState<LimitsDraft>(() => draftOfLimits(domain.limits));
  const limits = limitsOfDraft(draft);
  const { trustDomainId, version } = domain;
  return (
    <ReasonDialog
      open={open}
      onOpenChange={(next) => {
        // What was not saved is gone, and what holds meanwhile is shown.
        setDraft(draftOfLimits(domain.limits));
        onOpenChange(next);
      }}
      title={`Change the limits of ${displayText(domain.name).text}`}
      verb="Save the limits"
      minLength={10}
      ready={limits !== null}
      act={async (reason) => {
        if (limits === null) return;
        const done = await setRemediationLimits({ trustDomainId, version, limits, reason });
        announceDone({ title: `Version ${done.version} of the limits holds` });
        await queryClient.invalidateQueries({ queryKey: remediationKeys.all });
      }}
    >
      <p className="text-small text-muted">
        Requests that were planned with other limits are superseded at their next vote or start.
      </p>
      {NUMBERS.map(({ legend, fields }) => (
        <fieldset key={legend} className="grid gap-2 rounded-[6px] border border-line p-3 sm:grid-cols-2">
          <legend className="label px-1">{legend}</legend>
          {fields.map(([name, label]) => (
            <NumberField
              key={name}
              name={name}
              label={label}
              value={draft[name]}
              onChange={(value) => setDraft({ ...draft, [name]: value })}
            />
          ))}
        </fieldset>
      ))}
      {LABELS.map(([name, label, hint]) => (
        <Field key={name} id={`limits-${name}`} label={label} hint={hint}>
          <Input
            id={`limits-${name}`}
            value={draft[name]}
            maxLength={900}
            autoComplete="off"
            spellCheck={false}
            aria-describedby={fieldHintId(`limits-${name}`)}
            onChange={({ target }) => setDraft({ ...draft, [name]: target.value })}
          />
        </Field>
      ))}
      <Preview trustDomainId={trustDomainId} draft={draft} />
    </ReasonDialog>
  );
}

function NumberField({
  name,
  label,
  value,
  onChange,
}: {
  name: LimitNumber;
  label: string;
  value: string;
  onChange: (value: string) => void;
}) {
  const [least, most] = LIMIT_BOUNDS[name];
  const id = `limits-${name}`;
  return (
    <Field id={id} label={label} hint={`${least} to ${most}`}>
      <Input
        id={id}
        type="number"
        required
        min={least}
        max={most}
        value={value}
        aria-describedby={fieldHintId(id)}
        onChange={({ target }) => onChange(target.value)}
      />
    </Field>
  );
}

/** What the typed limits would allow, once somebody has stopped typing. */
function Preview({ trustDomainId, draft }: { trustDomainId: string; draft: LimitsDraft }) {
  const settled = useSettled(JSON.stringify(draft), TYPING_MS);
  const limits = limitsOfDraft(JSON.parse(settled) as LimitsDraft);
  if (limits === null)
    return <p className="text-small text-muted">A number is missing or out of its bounds.</p>;
  return <PreviewOf trustDomainId={trustDomainId} limits={limits} />;
}

function PreviewOf(body: { trustDomainId: string; limits: LimitValues }) {
  const { data, error } = useQuery(limitsPreviewOptions(body));
  return (
    <section
      aria-label="What they would allow"
      className="flex flex-col gap-1 rounded-[4px] border border-line bg-sunken px-3 py-2"
    >
      {error ? (
        <FormProblem error={error} />
      ) : data ? (
        <LimitsRoomView room={data} label="What they would allow now" />
      ) : (
        <p className="text-small text-muted">Counting…</p>
      )}
    </section>
  );
}
