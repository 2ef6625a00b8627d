"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { accessKeys, createUser } from "#lib/client/access";
import type { CreateUserBody } from "#lib/contracts/user";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, Input } from "../ui/input.tsx";
import { FIRST_GRANT, GrantFields, grantBody, useChosenDomain } from "./grant-fields.tsx";

/** Lets a person in with a local account; the one-time password is on screen exactly once. */
export function CreatePersonDialog({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const queryClient = useQueryClient();
  const create = useMutation({
    mutationFn: (body: CreateUserBody) => createUser(body),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: accessKeys.all }),
  });
  function change(next: boolean) {
    onOpenChange(next);
    if (!next) create.reset();
  }
  const password = create.data?.oneTimePassword ?? null;
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={password ? "Pass the password on now" : "Let somebody in"}
    >
      {password !== null ? (
        <div className="flex flex-col gap-3">
          <p>This is the only time that it is shown. It has to be changed at the first sign-in.</p>
          <CodeBlock label="One-time password" code={password} />
          <div className="flex justify-end">
            <Button variant="primary" onClick={() => change(false)}>
              I have passed it on
            </Button>
          </div>
        </div>
      ) : (
        open && (
          <PersonForm
            pending={create.isPending}
            error={create.error}
            onCancel={() => change(false)}
            onSubmit={(body) => create.mutate(body)}
          />
        )
      )}
    </Dialog>
  );
}

function PersonForm({
  pending,
  error,
  onCancel,
  onSubmit,
}: {
  pending: boolean;
  error: unknown;
  onCancel: () => void;
  onSubmit: (body: CreateUserBody) => void;
}) {
  const [email, setEmail] = useState("");
  const [input, setInput] = useState(FIRST_GRANT);
  const trustDomainId = useChosenDomain(input.trustDomainId);
  function submit(event: FormEvent) {
    event.preventDefault();
    if (trustDomainId !== null) onSubmit({ email, trustDomainId, ...grantBody(input) });
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field id="person-email" label="E-mail">
        <Input
          id="person-email"
          type="email"
          required
          maxLength={254}
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
      </Field>
      <GrantFields people id="person" value={input} onChange={setInput} />
      {error !== null && error !== undefined && <FormProblem error={error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" pending={pending}>
          Let in
        </Button>
      </div>
    </form>
  );
}
