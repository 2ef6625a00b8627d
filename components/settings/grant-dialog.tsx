"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { accessKeys, grantRole } from "#lib/client/access";
import { displayText } from "#lib/client/format";
import type { GrantRoleBody, PersonView } from "#lib/contracts/access";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { announceDone } from "../ui/toast.tsx";
import { FIRST_GRANT, GrantFields, grantBody, useChosenDomain } from "./grant-fields.tsx";

/** Gives a person a role; the sessions of that person end. */
export function GrantDialog({
  person,
  open,
  onOpenChange,
}: {
  person: PersonView;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const name = displayText(person.email).text;
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Give ${name} a role`}
      description="All sessions of this person end; the role counts from the next sign-in on."
    >
      {open && <GrantForm person={person} onDone={() => onOpenChange(false)} />}
    </Dialog>
  );
}

function GrantForm({ person, onDone }: { person: PersonView; onDone: () => void }) {
  const queryClient = useQueryClient();
  const [input, setInput] = useState(FIRST_GRANT);
  const trustDomainId = useChosenDomain(input.trustDomainId);
  const give = useMutation({
    mutationFn: (body: GrantRoleBody) => grantRole(person.id, body),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: accessKeys.all });
      announceDone({ title: `${displayText(person.email).text} is ${input.role} now` });
      onDone();
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (trustDomainId !== null) give.mutate({ trustDomainId, ...grantBody(input) });
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <GrantFields people id="grant" value={input} onChange={setInput} />
      {give.error && <FormProblem error={give.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" variant="primary" pending={give.isPending}>
          Give the role
        </Button>
      </div>
    </form>
  );
}
