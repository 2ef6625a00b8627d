"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { displayText } from "#lib/client/format";
import {
  pauseReportSchedule,
  removeReportSchedule,
  reportScheduleKeys,
  runReportSchedule,
} from "#lib/client/report-schedules";
import type { ReportScheduleView } from "#lib/contracts/report-schedule";
import { CardAction, useOneDialog } from "../forms/card-action.tsx";
import { FORMAT_WORDS } from "../report/report-words.ts";
import { FormProblem } from "../sources/form-problem.tsx";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { TermLine } from "../ui/term-line.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";
import { RunTable } from "./run-table.tsx";
import { ScheduleDialog } from "./schedule-dialog.tsx";
import { daysOf, dueWords, PERIOD_WORDS } from "./schedule-words.ts";

/** Runs that are shown before somebody asks for all. */
const FIRST_RUNS = 4;

/** One schedule: what it makes for whom, what comes next, and what became of the periods before. */
export function ScheduleCard({
  schedule,
  reason,
}: {
  schedule: ReportScheduleView;
  /** Why the person may change none; `null` = may, if it is theirs. */
  reason: string | null;
}) {
  const { id, name, every, pausedAt, runs } = schedule;
  const { ask, close, stateOf } = useOneDialog<"change" | "remove">();
  const [all, setAll] = useState(false);
  const pause = useDone(() => pauseReportSchedule(id, pausedAt === null));
  const remove = useDone(() => removeReportSchedule(id));
  const run = useDone(() => runReportSchedule(id));
  const shown = displayText(name).text;
  const closed = schedule.mayChange ? null : `It belongs to ${displayText(schedule.owner.email).text}.`;
  const may = { of: shown, reason: reason ?? closed };
  return (
    <li className="flex min-w-0 flex-col gap-2 border-b border-line py-3" aria-label={shown}>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h2 className="flex min-w-0 flex-wrap items-center gap-2 font-medium">
          <HostileText text={name} max={120} className="[&_bdi]:whitespace-normal" />
          <Badge>{PERIOD_WORDS[every].adjective}</Badge>
          {pausedAt !== null && <Badge tone="warn">Paused</Badge>}
        </h2>
        <div className="flex flex-wrap gap-2">
          <CardAction
            {...may}
            verb="Run now"
            pending={run.isPending}
            onClick={() =>
              run.mutate(undefined, {
                onSuccess: () => announceDone({ title: "The report of the last whole period is being made" }),
              })
            }
          />
          <CardAction {...may} verb="Change" onClick={() => ask("change")} />
          <CardAction
            {...may}
            verb={pausedAt === null ? "Pause" : "Take up again"}
            pending={pause.isPending}
            onClick={() => pause.mutate()}
          />
          <CardAction {...may} verb="Remove" onClick={() => ask("remove")} />
        </div>
      </div>
      <Facts schedule={schedule} />
      {[run.error, pause.error].map((error) => error && <FormProblem key={error.message} error={error} />)}
      {runs.length > 0 && <RunTable of={shown} runs={all ? runs : runs.slice(0, FIRST_RUNS)} />}
      {runs.length > FIRST_RUNS && (
        <Button
          size="sm"
          className="self-start"
          aria-expanded={all}
          aria-label={`${all ? "Show fewer" : "Show more"} periods of ${shown}`}
          onClick={() => setAll(!all)}
        >
          {all ? "Show fewer" : `Show all ${runs.length}`}
        </Button>
      )}
      <ScheduleDialog {...stateOf("change")} before={schedule} />
      <ConfirmDialog
        {...stateOf("remove")}
        title={`Remove ${shown}?`}
        verb="Remove the schedule"
        pending={remove.isPending}
        problem={remove.error && <FormProblem error={remove.error} />}
        onConfirm={() => remove.mutate(undefined, { onSuccess: () => close() })}
      >
        <p>It makes no more reports. Those that it made stay.</p>
      </ConfirmDialog>
    </li>
  );
}

function useDone<T>(mutationFn: () => Promise<T>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn,
    onSettled: () => queryClient.invalidateQueries({ queryKey: reportScheduleKeys.all }),
  });
}

function Facts({ schedule }: { schedule: ReportScheduleView }) {
  const { framework, q, every, formats, recipients, owner, next, trustDomain, pausedAt } = schedule;
  const [first, ...later] = next;
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 text-small">
      <TermLine title="About">
        {framework?.title ?? "every measure"} in {displayText(trustDomain.name).text} and below
        {q !== "" && (
          <>
            , <HostileText text={q} max={120} className="font-mono [&_bdi]:whitespace-normal" />
          </>
        )}
      </TermLine>
      <TermLine title="Made">
        for each {PERIOD_WORDS[every].noun}, {dueWords(schedule)}
      </TermLine>
      <TermLine title="Next">
        {first && (
          <>
            {daysOf(first)}, due <Timestamp iso={first.dueAt} />
            {later.length > 0 && `, then ${later.map(daysOf).join(", ")}`}
          </>
        )}
        {pausedAt !== null && (
          <>
            nothing, paused <Timestamp iso={pausedAt} />
          </>
        )}
      </TermLine>
      <TermLine title="Files">{formats.map((format) => FORMAT_WORDS[format].label).join(", ")}</TermLine>
      <TermLine title="Owner">{displayText(owner.email).text}</TermLine>
      <TermLine title="Tells">
        {recipients.length === 0
          ? "nobody by account"
          : recipients.map(({ email }) => displayText(email).text).join(", ")}
      </TermLine>
    </dl>
  );
}
