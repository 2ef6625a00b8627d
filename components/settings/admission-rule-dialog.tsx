"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { admissionKeys, setAdmissionRule } from "#lib/client/admission";
import { displayText } from "#lib/client/format";
import type { AdmissionRules } from "#lib/contracts/admission";
import {
  ADMISSION_DECISIONS,
  ADMISSION_REQUIREMENTS,
  type AdmissionClause,
  type AdmissionPurpose,
  type AdmissionRule,
} from "#lib/domain/admission";
import { ReasonDialog } from "../onboarding/reason-dialog.tsx";
import { Field } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { announceDone } from "../ui/toast.tsx";

const REQUIREMENT_LABELS = { trusted: "be trusted", not_quarantined: "not be shut out" } as const;
const DECISION_LABELS = { allow: "Admit", warn: "Admit with a warning", deny: "Deny" } as const;
const PURPOSE_LABELS = { join: "To join", work: "To get work" } as const;
const MINUTE_MS = 60_000;

const DECISIONS = ADMISSION_DECISIONS.map((value) => ({ value, label: DECISION_LABELS[value] }));
const REQUIREMENTS = ADMISSION_REQUIREMENTS.map((value) => ({ value, label: REQUIREMENT_LABELS[value] }));
const OUTAGES = [
  { value: "closed", label: "Deny everything" },
  { value: "open", label: "Go by what was known last, and warn" },
];
const AGES = [
  { value: "", label: "As the sources' silence limits say" },
  ...[5, 15, 60, 1_440].map((minutes) => ({
    value: String(minutes * MINUTE_MS),
    label: minutes === 1_440 ? "One day" : `${minutes} minutes`,
  })),
];

/** Another rule for one trust domain, with a reason that stays. */
export function AdmissionRuleDialog({
  domain,
  open,
  onOpenChange,
}: {
  domain: AdmissionRules["domains"][number];
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState<AdmissionRule>(domain.rule);
  const name = displayText(domain.name).text;
  return (
    <ReasonDialog
      open={open}
      onOpenChange={(next) => {
        // What was not saved is gone, and what holds meanwhile is shown.
        setDraft(domain.rule);
        onOpenChange(next);
      }}
      title={`Change the admission rule of ${name}`}
      verb="Save the rule"
      minLength={10}
      act={async (reason) => {
        const { trustDomainId, version } = domain;
        const done = await setAdmissionRule({ trustDomainId, version, rule: draft, reason });
        announceDone({ title: `Version ${done.version} of the admission rule holds` });
        await queryClient.invalidateQueries({ queryKey: admissionKeys.all });
      }}
    >
      <ClauseFields purpose="join" clause={draft.join} onChange={(join) => setDraft({ ...draft, join })} />
      <ClauseFields purpose="work" clause={draft.work} onChange={(work) => setDraft({ ...draft, work })} />
      <Field id="admission-outage" label="While Touchstone knows nothing new">
        <Select
          id="admission-outage"
          value={draft.outage}
          onChange={({ target }) =>
            setDraft({ ...draft, outage: target.value === "open" ? "open" : "closed" })
          }
          options={OUTAGES}
        />
      </Field>
    </ReasonDialog>
  );
}

function ClauseFields({
  purpose,
  clause,
  onChange,
}: {
  purpose: AdmissionPurpose;
  clause: AdmissionClause;
  onChange: (clause: AdmissionClause) => void;
}) {
  const id = (part: string) => `admission-${purpose}-${part}`;
  const decisionOf = (text: string) => ADMISSION_DECISIONS.find((one) => one === text) ?? "deny";
  const age = clause.maxEvidenceAgeMs === null ? "" : String(clause.maxEvidenceAgeMs);
  const ages = AGES.some(({ value }) => value === age)
    ? AGES
    : [...AGES, { value: age, label: `${Math.round(Number(age) / MINUTE_MS)} minutes` }];
  return (
    <fieldset className="grid gap-2 rounded-[6px] border border-line p-3 sm:grid-cols-2">
      <legend className="label px-1">{PURPOSE_LABELS[purpose]}</legend>
      <Field id={id("require")} label="A node must">
        <Select
          id={id("require")}
          value={clause.require}
          onChange={({ target }) =>
            onChange({ ...clause, require: target.value === "trusted" ? "trusted" : "not_quarantined" })
          }
          options={REQUIREMENTS}
        />
      </Field>
      <Field id={id("unknown")} label="Unknown nodes">
        <Select
          id={id("unknown")}
          value={clause.unknown}
          onChange={({ target }) => onChange({ ...clause, unknown: decisionOf(target.value) })}
          options={DECISIONS}
        />
      </Field>
      <Field id={id("stale")} label="Evidence that has run out">
        <Select
          id={id("stale")}
          value={clause.stale}
          onChange={({ target }) => onChange({ ...clause, stale: decisionOf(target.value) })}
          options={DECISIONS}
        />
      </Field>
      <Field id={id("age")} label="Evidence runs out after">
        <Select
          id={id("age")}
          value={age}
          onChange={({ target }) =>
            onChange({ ...clause, maxEvidenceAgeMs: target.value === "" ? null : Number(target.value) })
          }
          options={ages}
        />
      </Field>
    </fieldset>
  );
}
