"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { frameworkListOptions } from "#lib/client/compliance";
import { changeReportSchedule, createReportSchedule, reportScheduleKeys } from "#lib/client/report-schedules";
import { chosenScope } from "#lib/client/scope";
import type { ReportScheduleView } from "#lib/contracts/report-schedule";
import { REPORT_FORMATS } from "#lib/domain/report/report";
import { DUE_DAYS_MAX, REPORT_PERIODS } from "#lib/domain/report/schedule";
import { Checks, Switch } from "../forms/checks.tsx";
import { FORMAT_WORDS } from "../report/report-words.ts";
import { useAccount } from "../shell/account-context.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { announceDone } from "../ui/toast.tsx";
import { bodyOf, draftOf, formatsNamed, periodNamed, type ScheduleDraft } from "./schedule-draft.ts";
import { PERIOD_WORDS } from "./schedule-words.ts";

type Props = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** `null` = a new one. */
  before: ReportScheduleView | null;
};

/** Adds a schedule about the trust domain that is looked at, or changes one. */
export function ScheduleDialog(props: Props) {
  const { before, open, onOpenChange } = props;
  return (
    <Dialog
      {...{ open, onOpenChange }}
      wide
      title={before ? `Change ${before.name}` : "New schedule"}
      description={
        before
          ? "Reports that were made stay as they are."
          : `Reports about ${chosenScope() === null ? "your trust domain" : "the trust domain that you look at"} and those below it, made in your name.`
      }
    >
      {open && <ScheduleForm {...props} />}
    </Dialog>
  );
}

function ScheduleForm({ before, onOpenChange }: Props) {
  const { id: me } = useAccount();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(before));
  const [takeOver, setTakeOver] = useState(false);
  const set = (change: Partial<ScheduleDraft>) => setDraft({ ...draft, ...change });
  const save = useMutation({
    mutationFn: () =>
      before
        ? changeReportSchedule(before.id, { ...bodyOf(draft), revision: before.revision, takeOver })
        : createReportSchedule(bodyOf(draft)),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: reportScheduleKeys.all });
      announceDone({ title: before ? "The schedule was changed" : "The schedule is there now" });
      onOpenChange(false);
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate();
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <About draft={draft} set={set} />
      <When draft={draft} set={set} />
      <Checks
        legend="Files"
        choices={REPORT_FORMATS.filter((format) => format !== "json").map((format) => ({
          value: format,
          words: `${FORMAT_WORDS[format].label}: ${FORMAT_WORDS[format].means}`,
        }))}
        hint="The JSON file is always written."
        chosen={draft.formats}
        onChange={(chosen) => set({ formats: formatsNamed(chosen) })}
      />
      <Field
        id="schedule-people"
        label="People"
        hint="E-mail addresses of accounts that may read compliance here, with commas between them. Channels are chosen in the routes of notifications."
      >
        <Input
          id="schedule-people"
          value={draft.recipients}
          spellCheck={false}
          onChange={(event) => set({ recipients: event.target.value })}
          aria-describedby={fieldHintId("schedule-people")}
        />
      </Field>
      {before && before.owner.id !== me && (
        <Switch
          label={`Make its reports in my name from now on, and not in that of ${before.owner.email}`}
          checked={takeOver}
          onChange={setTakeOver}
        />
      )}
      {save.error && <FormProblem error={save.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={() => onOpenChange(false)}>Cancel</Button>
        <Button type="submit" variant="primary" pending={save.isPending}>
          {before ? "Save" : "Add the schedule"}
        </Button>
      </div>
    </form>
  );
}

type PartProps = { draft: ScheduleDraft; set: (change: Partial<ScheduleDraft>) => void };

/** What its reports are about. */
function About({ draft, set }: PartProps) {
  const frameworks = useQuery(frameworkListOptions());
  return (
    <>
      <Field id="schedule-name" label="Name">
        <Input
          id="schedule-name"
          value={draft.name}
          required
          minLength={3}
          maxLength={120}
          onChange={(event) => set({ name: event.target.value })}
        />
      </Field>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field id="schedule-framework" label="Framework">
          <Select
            id="schedule-framework"
            value={draft.framework}
            options={[
              { value: "", label: "None: every measure" },
              ...(frameworks.data?.items ?? []).map((item) => ({
                value: item.id,
                label: `${item.title}, ${item.edition}`,
              })),
            ]}
            onChange={(event) => set({ framework: event.target.value })}
          />
        </Field>
        <Field id="schedule-nodes" label="Nodes" hint="Only labels choose; empty means every node.">
          <Input
            id="schedule-nodes"
            value={draft.q}
            maxLength={500}
            placeholder="label:role=gpu"
            className="font-mono"
            spellCheck={false}
            onChange={(event) => set({ q: event.target.value })}
            aria-describedby={fieldHintId("schedule-nodes")}
          />
        </Field>
      </div>
    </>
  );
}

function When({ draft, set }: PartProps) {
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      <Field id="schedule-every" label="After every">
        <Select
          id="schedule-every"
          value={draft.every}
          options={REPORT_PERIODS.map((every) => ({ value: every, label: PERIOD_WORDS[every].noun }))}
          onChange={(event) => set({ every: periodNamed(event.target.value) })}
        />
      </Field>
      <Field id="schedule-days" label="Days after its end">
        <Input
          id="schedule-days"
          type="number"
          required
          min={0}
          max={DUE_DAYS_MAX}
          value={draft.dueDays}
          onChange={(event) => set({ dueDays: event.target.value })}
        />
      </Field>
      <Field id="schedule-hour" label="Hour (UTC)">
        <Input
          id="schedule-hour"
          type="number"
          required
          min={0}
          max={23}
          value={draft.dueHour}
          onChange={(event) => set({ dueHour: event.target.value })}
        />
      </Field>
    </div>
  );
}
