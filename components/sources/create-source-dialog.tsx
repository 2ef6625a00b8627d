"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { toast } from "sonner";
import { ApiProblem } from "#lib/client/api";
import { paths } from "#lib/client/paths";
import { createSource, sourceKeys } from "#lib/client/sources";
import type { CreateSourceBody } from "#lib/contracts/source";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, fieldHintId, Input, Textarea } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { SOURCE_KINDS, sourceKind } from "./source-kinds.tsx";

/** Reads a pasted JWK set; a single JWK is taken as a set of one. Answers the set or what is wrong. */
export function readJwks(text: string): { jwks: CreateSourceBody["jwks"] } | { problem: string } {
  if (text.trim() === "") return { jwks: undefined };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {
      problem: "This is not JSON. Paste a JWK set; a PEM key can be added with npx touchstone source add.",
    };
  }
  const keys = isObject(value) && Array.isArray(value.keys) ? value.keys : [value];
  if (!keys.every(isObject)) return { problem: 'A JWK set looks like {"keys": [{"kty": …}]}.' };
  if (!keys.every((key) => typeof key.kty === "string")) return { problem: "A key without “kty” is no JWK." };
  if (keys.some((key) => "d" in key || "k" in key)) {
    return { problem: "This holds a private or secret key. Paste public keys only." };
  }
  return { jwks: { keys } };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Makes a source: its kind, its name, and the public keys that may vouch for its messages. */
export function CreateSourceDialog({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Create source"
      description="A verifier or bootstrap system that may send to Touchstone."
    >
      <CreateSourceForm onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}

function CreateSourceForm({ onDone }: { onDone: () => void }) {
  const router = useRouter();
  const queryClient = useQueryClient();
  const [kind, setKind] = useState("generic");
  const [name, setName] = useState("");
  const [jwksText, setJwksText] = useState("");
  const { sends, needsKeys } = sourceKind(kind);
  const read = readJwks(jwksText);
  const jwksProblem = "problem" in read ? read.problem : null;

  const create = useMutation({
    mutationFn: (body: CreateSourceBody) => createSource(body),
    onSuccess: async (source) => {
      await queryClient.invalidateQueries({ queryKey: sourceKeys.all });
      toast.success(`Source “${source.name}” created`, { description: "Next: create an API key for it." });
      onDone();
      router.push(paths.source(source.id));
    },
  });
  const problem = create.error instanceof ApiProblem ? create.error : null;
  const nameTaken = problem?.code === "source/name-taken";

  function submit(event: FormEvent) {
    event.preventDefault();
    if ("problem" in read) return;
    create.mutate({ kind, name: name.trim(), ...(read.jwks ? { jwks: read.jwks } : {}) });
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field id="source-kind" label="Kind" hint={sends}>
        <Select
          id="source-kind"
          value={kind}
          onChange={(event) => setKind(event.target.value)}
          options={SOURCE_KINDS.map((entry) => ({ value: entry.kind, label: entry.label }))}
          aria-describedby={fieldHintId("source-kind")}
        />
      </Field>
      <Field
        id="source-name"
        label="Name"
        hint="Shown with every verdict; unique."
        error={nameTaken ? problem.detail : null}
      >
        <Input
          id="source-name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          required
          maxLength={80}
          autoComplete="off"
          aria-invalid={nameTaken}
          aria-describedby={fieldHintId("source-name")}
        />
      </Field>
      <Field
        id="source-jwks"
        label={needsKeys ? "Public keys (JWK set)" : "Public keys (JWK set), optional"}
        hint="Signatures are checked against exactly these keys. Up to 20."
        error={jwksProblem}
      >
        <Textarea
          id="source-jwks"
          value={jwksText}
          onChange={(event) => setJwksText(event.target.value)}
          rows={6}
          spellCheck={false}
          required={needsKeys}
          placeholder='{"keys": [{"kty": "EC", "crv": "P-256", "x": "…", "y": "…", "alg": "ES256"}]}'
          className="font-mono text-small"
          aria-invalid={jwksProblem !== null}
          aria-describedby={fieldHintId("source-jwks")}
        />
      </Field>
      {create.error && !nameTaken && <FormProblem error={create.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" variant="primary" pending={create.isPending} disabled={jwksProblem !== null}>
          Create source
        </Button>
      </div>
    </form>
  );
}

/** A refusal of a whole form, with what the server found where. */
export function FormProblem({ error }: { error: unknown }) {
  const problem = error instanceof ApiProblem ? error : null;
  return (
    <div role="alert" className="rounded-[4px] border border-danger px-3 py-2 text-small">
      <p className="text-danger">
        {problem ? problem.detail || problem.title : "Something unexpected happened."}
      </p>
      {problem?.errors.map(({ pointer, detail }) => (
        <p key={`${pointer} ${detail}`}>
          <code className="font-mono">{pointer}</code>: {detail}
        </p>
      ))}
      {problem?.requestId && <p className="text-muted">Request {problem.requestId}</p>}
    </div>
  );
}
