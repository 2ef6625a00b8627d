"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { accessKeys } from "#lib/client/access";
import { createServiceKey, revokeServiceKey, rotateServiceKey } from "#lib/client/service-accounts";
import type { CreatedServiceKey, ServiceAccountView, ServiceKeyView } from "#lib/contracts/service-account";
import type { Permission } from "#lib/domain/access";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";
import { ScopeFields } from "./scope-fields.tsx";

type DialogState = { open: boolean; onOpenChange: (open: boolean) => void };

/** Makes a key; its secret is on screen exactly once. */
export function CreateServiceKeyDialog({ account, ...state }: DialogState & { account: ServiceAccountView }) {
  const make = useMade((body: { scopes: Permission[]; expiresInDays: number }) =>
    createServiceKey(account.id, body),
  );
  const [scopes, setScopes] = useState<Permission[]>(["fleet:read"]);
  const [days, setDays] = useState("90");
  return (
    <SecretDialog {...state} made={make.data} reset={make.reset} title={`Create a key for ${account.name}`}>
      <KeyForm
        verb="Create the key"
        make={make}
        disabled={scopes.length === 0}
        onCancel={() => state.onOpenChange(false)}
        onSubmit={() => make.mutate({ scopes, expiresInDays: Number(days) })}
      >
        <ScopeFields roles={account.grants.map(({ role }) => role)} value={scopes} onChange={setScopes} />
        <DaysField id="service-key-days" label="Ends after (days)" value={days} onChange={setDays} />
      </KeyForm>
    </SecretDialog>
  );
}

/** Makes the key that takes another's place, and gives the old one its end. */
export function RotateServiceKeyDialog({
  account,
  apiKey,
  ...state
}: DialogState & { account: ServiceAccountView; apiKey: ServiceKeyView }) {
  const make = useMade((body: { expiresInDays: number; overlapDays: number }) =>
    rotateServiceKey(account.id, apiKey.id, body),
  );
  const [days, setDays] = useState("90");
  const [overlap, setOverlap] = useState("1");
  return (
    <SecretDialog {...state} made={make.data} reset={make.reset} title={`Rotate key ${apiKey.prefix}…`}>
      <KeyForm
        verb="Make the new key"
        make={make}
        disabled={false}
        onCancel={() => state.onOpenChange(false)}
        onSubmit={() => make.mutate({ expiresInDays: Number(days), overlapDays: Number(overlap) })}
      >
        <p>The new key has the same scopes. Move the program over to it before the old one ends.</p>
        <DaysField
          id="rotate-overlap"
          label="The old key ends after (days)"
          hint="0 to 14. It never lasts longer than it would have."
          min={0}
          max={14}
          value={overlap}
          onChange={setOverlap}
        />
        <DaysField id="rotate-days" label="The new key ends after (days)" value={days} onChange={setDays} />
      </KeyForm>
    </SecretDialog>
  );
}

export function RevokeServiceKeyDialog({
  account,
  apiKey,
  ...state
}: DialogState & { account: ServiceAccountView; apiKey: ServiceKeyView }) {
  const queryClient = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => revokeServiceKey(account.id, apiKey.id),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: accessKeys.all });
      announceDone({ title: `Key ${apiKey.prefix}… revoked` });
      state.onOpenChange(false);
    },
  });
  return (
    <ConfirmDialog
      open={state.open}
      onOpenChange={(next) => {
        state.onOpenChange(next);
        if (!next) revoke.reset();
      }}
      title={`Revoke key ${apiKey.prefix}…?`}
      verb="Revoke the key"
      pending={revoke.isPending}
      problem={revoke.error && <FormProblem error={revoke.error} />}
      onConfirm={() => revoke.mutate()}
    >
      <p>The next request with it is refused. A revoked key cannot be restored.</p>
      <p>
        {apiKey.lastUsedAt === null ? (
          "It has never been used."
        ) : (
          <>
            Last used <Timestamp iso={apiKey.lastUsedAt} />.
          </>
        )}
      </p>
    </ConfirmDialog>
  );
}

function useMade<B>(mutationFn: (body: B) => Promise<CreatedServiceKey>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn,
    // What was answered is on screen and nowhere else: it goes with the dialog.
    gcTime: 0,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: accessKeys.all }),
  });
}

/** A form, and after it the secret. Closing forgets both. */
function SecretDialog({
  open,
  onOpenChange,
  title,
  made,
  reset,
  children,
}: DialogState & {
  title: string;
  made: CreatedServiceKey | undefined;
  reset: () => void;
  children: React.ReactNode;
}) {
  function change(next: boolean) {
    onOpenChange(next);
    if (!next) reset();
  }
  return (
    <Dialog open={open} onOpenChange={change} title={made ? "Copy the secret now" : title}>
      {made ? (
        <div className="flex flex-col gap-3">
          <p>
            This is the only time that it is shown. Touchstone keeps a hash of it and cannot show it again.
          </p>
          <CodeBlock label="Secret of the key" code={made.secret} />
          <div className="flex justify-end">
            <Button variant="primary" onClick={() => change(false)}>
              I have copied it
            </Button>
          </div>
        </div>
      ) : (
        open && children
      )}
    </Dialog>
  );
}

function KeyForm({
  verb,
  make,
  disabled,
  onCancel,
  onSubmit,
  children,
}: {
  verb: string;
  make: { isPending: boolean; error: unknown };
  disabled: boolean;
  onCancel: () => void;
  onSubmit: () => void;
  children: React.ReactNode;
}) {
  function submit(event: FormEvent) {
    event.preventDefault();
    onSubmit();
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      {children}
      {make.error !== null && make.error !== undefined && <FormProblem error={make.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" pending={make.isPending} disabled={disabled}>
          {verb}
        </Button>
      </div>
    </form>
  );
}

function DaysField({
  id,
  label,
  hint = "1 to 365",
  min = 1,
  max = 365,
  value,
  onChange,
}: {
  id: string;
  label: string;
  hint?: string;
  min?: number;
  max?: number;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <Field id={id} label={label} hint={hint}>
      <Input
        id={id}
        type="number"
        required
        min={min}
        max={max}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-describedby={fieldHintId(id)}
      />
    </Field>
  );
}
