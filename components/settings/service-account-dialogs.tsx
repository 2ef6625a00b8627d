"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { accessKeys } from "#lib/client/access";
import { addWorkloadTrust, createServiceAccount, grantServiceRole } from "#lib/client/service-accounts";
import type { CreateWorkloadTrustBody, ServiceAccountView } from "#lib/contracts/service-account";
import type { Permission } from "#lib/domain/access";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, fieldHintId, Input, Textarea } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { announceDone } from "../ui/toast.tsx";
import { FIRST_GRANT, GrantFields, grantBody, useChosenDomain } from "./grant-fields.tsx";
import { claimsOf } from "./read-claims.ts";
import { ScopeFields } from "./scope-fields.tsx";

type DialogState = { open: boolean; onOpenChange: (open: boolean) => void };

/** Makes a principal for a program; whoever makes it owns it. */
export function CreateServiceAccountDialog(state: DialogState) {
  const [name, setName] = useState("");
  const [input, setInput] = useState(FIRST_GRANT);
  const trustDomainId = useChosenDomain(input.trustDomainId);
  const create = useChange(state, `${name} is there now`, () =>
    createServiceAccount({ name, trustDomainId: trustDomainId ?? "", ...grantBody(input) }),
  );
  return (
    <Dialog
      {...state}
      title="Create a service account"
      description="You own it. It signs in once it has a key, or trusts an issuer of tokens."
    >
      {state.open && (
        <ChangeForm {...state} verb="Create" change={create} disabled={trustDomainId === null}>
          <Field id="service-name" label="Name">
            <Input
              id="service-name"
              required
              maxLength={63}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          </Field>
          <GrantFields id="service" value={input} onChange={setInput} />
        </ChangeForm>
      )}
    </Dialog>
  );
}

export function GrantServiceRoleDialog({ account, ...state }: DialogState & { account: ServiceAccountView }) {
  const [input, setInput] = useState({ ...FIRST_GRANT, trustDomainId: account.trustDomainId });
  const grant = useChange(state, `${account.name} is ${input.role} now`, () =>
    grantServiceRole(account.id, { trustDomainId: input.trustDomainId, ...grantBody(input) }),
  );
  return (
    <Dialog
      {...state}
      title={`Give ${account.name} a role`}
      description={`In ${account.trustDomain} or below it. It counts from the next request on.`}
    >
      {state.open && (
        <ChangeForm {...state} verb="Give the role" change={grant} disabled={false}>
          <GrantFields id="service-grant" value={input} onChange={setInput} />
        </ChangeForm>
      )}
    </Dialog>
  );
}

/** Lets tokens of an issuer count as the account. */
export function TrustDialog({
  account,
  issuers,
  ...state
}: DialogState & { account: ServiceAccountView; issuers: readonly string[] }) {
  const [issuer, setIssuer] = useState(issuers[0] ?? "");
  const [subject, setSubject] = useState("");
  const [lines, setLines] = useState("");
  const [scopes, setScopes] = useState<Permission[]>(["fleet:read"]);
  const claims = claimsOf(lines);
  const trust = useChange(state, `Tokens of ${issuer} count as ${account.name} now`, () => {
    const body: CreateWorkloadTrustBody = {
      issuer,
      subject: subject === "" ? null : subject,
      claims: claims ?? {},
      scopes,
    };
    return addWorkloadTrust(account.id, body);
  });
  const named = subject !== "" || Object.keys(claims ?? {}).length > 0;
  return (
    <Dialog {...state} title={`Trust tokens as ${account.name}`}>
      {state.open && (
        <ChangeForm
          {...state}
          verb="Trust them"
          change={trust}
          disabled={claims === null || !named || scopes.length === 0}
        >
          <Field id="trust-issuer" label="Issuer" hint="Those that TOUCHSTONE_WORKLOAD_ISSUERS names.">
            <Select
              id="trust-issuer"
              value={issuer}
              onChange={(event) => setIssuer(event.target.value)}
              options={issuers.map((value) => ({ value, label: value }))}
              aria-describedby={fieldHintId("trust-issuer")}
            />
          </Field>
          <Field
            id="trust-subject"
            label="Subject"
            hint="Exactly as the token has it. Empty = the claims decide alone."
          >
            <Input
              id="trust-subject"
              maxLength={500}
              value={subject}
              onChange={(event) => setSubject(event.target.value)}
              aria-describedby={fieldHintId("trust-subject")}
            />
          </Field>
          <Field
            id="trust-claims"
            label="Claims"
            hint="One name=text a line; the token must have all of them."
            error={claims === null ? "Write each line as name=text, and each name once." : null}
          >
            <Textarea
              id="trust-claims"
              rows={3}
              value={lines}
              onChange={(event) => setLines(event.target.value)}
              aria-invalid={claims === null}
              aria-describedby={fieldHintId("trust-claims")}
            />
          </Field>
          <ScopeFields roles={account.grants.map(({ role }) => role)} value={scopes} onChange={setScopes} />
        </ChangeForm>
      )}
    </Dialog>
  );
}

/** A change that ends its dialog and says what is different now. */
function useChange({ onOpenChange }: DialogState, done: string, mutationFn: () => Promise<unknown>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: accessKeys.all });
      announceDone({ title: done });
      onOpenChange(false);
    },
  });
}

function ChangeForm({
  onOpenChange,
  verb,
  change,
  disabled,
  children,
}: DialogState & {
  verb: string;
  change: { isPending: boolean; error: unknown; mutate: () => void };
  disabled: boolean;
  children: ReactNode;
}) {
  function submit(event: FormEvent) {
    event.preventDefault();
    change.mutate();
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      {children}
      {change.error !== null && change.error !== undefined && <FormProblem error={change.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={() => onOpenChange(false)}>Cancel</Button>
        <Button type="submit" variant="primary" pending={change.isPending} disabled={disabled}>
          {verb}
        </Button>
      </div>
    </form>
  );
}
