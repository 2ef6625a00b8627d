"use client";

import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, fieldHintId, Textarea } from "../ui/input.tsx";

/** Asks why before something is done that others will read about later. */
export function ReasonDialog({
  open,
  onOpenChange,
  title,
  verb,
  danger = false,
  minLength = 3,
  ready = true,
  act,
  children,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** Label of the button that does it. */
  verb: string;
  danger?: boolean;
  minLength?: number;
  /** Everything else that the children ask for is given. */
  ready?: boolean;
  act: (reason: string) => Promise<unknown>;
  children?: ReactNode;
}) {
  const [reason, setReason] = useState("");
  const run = useMutation({
    mutationFn: act,
    onSuccess: () => {
      setReason("");
      onOpenChange(false);
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    run.mutate(reason.trim());
  }
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (!next) run.reset();
        onOpenChange(next);
      }}
      title={title}
      fallbackFocus={() => document.querySelector<HTMLElement>("main h1")}
    >
      <form onSubmit={submit} className="flex flex-col gap-3">
        {children}
        <Field id="reason" label="Reason" hint="Kept on the audit record.">
          <Textarea
            id="reason"
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            rows={3}
            required
            minLength={minLength}
            maxLength={300}
            aria-describedby={fieldHintId("reason")}
          />
        </Field>
        {run.error && <FormProblem error={run.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button
            type="submit"
            variant={danger ? "danger" : "primary"}
            pending={run.isPending}
            disabled={!ready}
          >
            {verb}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
