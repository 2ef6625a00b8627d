"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { createApiKey, sourceKeys } from "#lib/client/sources";
import { API_KEY_SCOPES, type ApiKeyScope } from "#lib/domain/access";
import { Button } from "../ui/button.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { FormProblem } from "./form-problem.tsx";

const SCOPE_WORDS: Readonly<Record<ApiKeyScope, { label: string; hint: string }>> = {
  "ingest:write": { label: "Send events", hint: "What a verifier needs." },
  "ingest:backfill": {
    label: "Import history",
    hint: "May send events older than the time window. Give it to an import only.",
  },
};

/** Makes an API key for a source; the secret is on screen exactly once. */
export function CreateKeyDialog({
  sourceId,
  open,
  onOpenChange,
}: {
  sourceId: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const queryClient = useQueryClient();
  const create = useMutation({
    mutationFn: (body: { scopes: ApiKeyScope[]; expiresInDays: number }) => createApiKey(sourceId, body),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: sourceKeys.all }),
  });

  function change(next: boolean) {
    onOpenChange(next);
    if (!next) create.reset();
  }

  return (
    <Dialog open={open} onOpenChange={change} title={create.data ? "Copy the secret now" : "Create API key"}>
      {create.data ? (
        <div className="flex flex-col gap-3">
          <p>
            This is the only time that the secret is shown. Touchstone keeps a hash of it and cannot show it
            again.
          </p>
          <CodeBlock label="API key secret" code={create.data.secret} />
          <div className="flex justify-end">
            <Button variant="primary" onClick={() => change(false)}>
              I have copied it
            </Button>
          </div>
        </div>
      ) : (
        <KeyForm
          pending={create.isPending}
          error={create.error}
          onCancel={() => change(false)}
          onSubmit={(body) => create.mutate(body)}
        />
      )}
    </Dialog>
  );
}

function KeyForm({
  pending,
  error,
  onCancel,
  onSubmit,
}: {
  pending: boolean;
  error: unknown;
  onCancel: () => void;
  onSubmit: (body: { scopes: ApiKeyScope[]; expiresInDays: number }) => void;
}) {
  const [scopes, setScopes] = useState<readonly ApiKeyScope[]>(["ingest:write"]);
  const [days, setDays] = useState("90");

  function submit(event: FormEvent) {
    event.preventDefault();
    if (scopes.length > 0) onSubmit({ scopes: [...scopes], expiresInDays: Number(days) });
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <fieldset className="flex flex-col gap-1">
        <legend className="mb-1 text-small font-medium">Scopes</legend>
        {API_KEY_SCOPES.map((scope) => (
          <label key={scope} className="touch flex items-start gap-2">
            <input
              type="checkbox"
              checked={scopes.includes(scope)}
              onChange={(event) =>
                setScopes(
                  event.target.checked ? [...scopes, scope] : scopes.filter((other) => other !== scope),
                )
              }
              className="mt-0.5 size-4 accent-accent"
            />
            <span>
              {SCOPE_WORDS[scope].label} <code className="font-mono text-small text-muted">{scope}</code>
              <span className="block text-small text-muted">{SCOPE_WORDS[scope].hint}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <Field id="key-days" label="Expires after (days)" hint="1 to 365">
        <Input
          id="key-days"
          type="number"
          min={1}
          max={365}
          required
          value={days}
          onChange={(event) => setDays(event.target.value)}
          aria-describedby={fieldHintId("key-days")}
        />
      </Field>
      {error !== null && error !== undefined && <FormProblem error={error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" pending={pending} disabled={scopes.length === 0}>
          Create API key
        </Button>
      </div>
    </form>
  );
}
