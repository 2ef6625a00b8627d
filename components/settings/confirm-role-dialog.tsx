"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { accessKeys, confirmRole } from "#lib/client/access";
import { displayText } from "#lib/client/format";
import type { StrongRoleView } from "#lib/contracts/strong-role";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, fieldHintId, Textarea } from "../ui/input.tsx";
import { announceDone } from "../ui/toast.tsx";

type DialogState = { open: boolean; onOpenChange: (open: boolean) => void };

/** Says that a strong role of somebody else is still needed. */
export function ConfirmRoleDialog({ item, ...state }: DialogState & { item: StrongRoleView }) {
  const name = displayText(item.email).text;
  return (
    <Dialog
      {...state}
      // The role moves to those that are not due, and its button with it.
      fallbackFocus={() => document.querySelector<HTMLElement>("#strong-roles")}
      title={`Does ${name} still need the role ${item.role}?`}
      description={`In ${displayText(item.trustDomain).text} and everything below. Your answer is kept with your name and counts for 90 days.`}
    >
      {state.open && <ConfirmForm item={item} onDone={() => state.onOpenChange(false)} />}
    </Dialog>
  );
}

function ConfirmForm({ item, onDone }: { item: StrongRoleView; onDone: () => void }) {
  const queryClient = useQueryClient();
  const [note, setNote] = useState("");
  const { userId, trustDomainId, role } = item;
  const confirm = useMutation({
    mutationFn: () => confirmRole(userId, { trustDomainId, role, note }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: accessKeys.all });
      announceDone({ title: `The role ${role} of ${displayText(item.email).text} is confirmed` });
      onDone();
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    confirm.mutate();
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field
        id="confirm-note"
        label="Note"
        hint="Why it is needed, if somebody may ask. It stays on the record."
      >
        <Textarea
          id="confirm-note"
          aria-describedby={fieldHintId("confirm-note")}
          rows={2}
          maxLength={1000}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
      </Field>
      {confirm.error && <FormProblem error={confirm.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" variant="primary" pending={confirm.isPending}>
          It is still needed
        </Button>
      </div>
    </form>
  );
}
