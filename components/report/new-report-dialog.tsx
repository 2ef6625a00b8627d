"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { frameworkListOptions } from "#lib/client/compliance";
import { boundsOf, periodChoices, periodShown } from "#lib/client/period";
import { askReport } from "#lib/client/reports";
import { chosenScope } from "#lib/client/scope";
import { EVIDENCE_WANTED, type EvidenceWanted } from "#lib/domain/report/report";
import { frameworkWords } from "../compliance/compliance-words.ts";
import { useAccount } from "../shell/account-context.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { announceDone } from "../ui/toast.tsx";
import { EVIDENCE_WORDS } from "./report-words.ts";

/** No framework: every measure. */
const EVERY = "";

/** Asks for a report about the trust domains that are looked at. */
export function NewReportDialog({
  open,
  nowMs,
  onClose,
}: {
  open: boolean;
  nowMs: number;
  onClose: (done: boolean) => void;
}) {
  const frameworks = useQuery({ ...frameworkListOptions(), enabled: open });
  const [title, setTitle] = useState("");
  const [framework, setFramework] = useState(EVERY);
  const { review } = useAccount();
  const [period, setPeriod] = useState(periodShown(undefined, review, nowMs));
  const [q, setQ] = useState("");
  const [evidence, setEvidence] = useState<EvidenceWanted>("sample");
  const run = useMutation({
    mutationFn: () =>
      askReport({
        ...{ title: title.trim(), framework: framework === EVERY ? null : framework },
        ...{ q: q.trim(), evidence },
        ...boundsOf(period, Date.now()),
      }),
    onSuccess: () => {
      setTitle("");
      announceDone({ title: "The report is being prepared" });
      onClose(true);
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    run.mutate();
  }
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (next) return;
        run.reset();
        onClose(false);
      }}
      title="New report"
      fallbackFocus={() => document.querySelector<HTMLElement>("main h1")}
    >
      <form onSubmit={submit} className="flex flex-col gap-3">
        <p className="text-data">
          It says what is known at this moment about{" "}
          {chosenScope() === null
            ? "every trust domain that you may read"
            : "the trust domain that you look at"}
          , keeps every row, and never changes.
        </p>
        <Field id="report-title" label="Title">
          <Input
            id="report-title"
            value={title}
            required
            minLength={3}
            maxLength={200}
            onChange={(event) => setTitle(event.target.value)}
          />
        </Field>
        <Field id="report-framework" label="Framework">
          <Select
            id="report-framework"
            value={framework}
            options={[
              { value: EVERY, label: "None: every measure" },
              ...(frameworks.data?.items ?? [])
                .filter(({ own }) => !own?.retiredAt)
                .map((item) => ({ value: item.id, label: frameworkWords(item) })),
            ]}
            onChange={(event) => setFramework(event.target.value)}
          />
        </Field>
        <Field id="report-period" label="Period (UTC)">
          <Select
            id="report-period"
            value={period}
            options={periodChoices(nowMs, review)}
            onChange={(event) => setPeriod(event.target.value)}
          />
        </Field>
        <Field id="report-nodes" label="Nodes" hint="Only labels choose; empty means every node.">
          <Input
            id="report-nodes"
            value={q}
            maxLength={500}
            placeholder="label:role=gpu"
            className="font-mono"
            spellCheck={false}
            onChange={(event) => setQ(event.target.value)}
            aria-describedby={fieldHintId("report-nodes")}
          />
        </Field>
        <Field id="report-evidence" label="Evidence pack encloses">
          <Select
            id="report-evidence"
            value={evidence}
            options={EVIDENCE_WANTED.map((value) => ({ value, label: EVIDENCE_WORDS[value] }))}
            onChange={(event) => setEvidence(event.target.value as EvidenceWanted)}
          />
        </Field>
        {run.error && <FormProblem error={run.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={() => onClose(false)}>Cancel</Button>
          <Button type="submit" variant="primary" pending={run.isPending}>
            Prepare the report
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
