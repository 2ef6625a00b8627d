"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { ApiProblem } from "#lib/client/api";
import { paths } from "#lib/client/paths";
import { createSource, sourceKeys } from "#lib/client/sources";
import type { CreateSourceBody } from "#lib/contracts/source";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { announceDone } from "../ui/toast.tsx";
import { FormProblem } from "./form-problem.tsx";
import { KeyFields } from "./key-fields.tsx";
import { SOURCE_KINDS, sourceKind } from "./source-kinds.tsx";
import { useKeyInput } from "./use-key-input.ts";

/** Makes a source: its kind, its name, and the public keys or the secret that may vouch for its messages. */
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
  const input = useKeyInput();
  const words = sourceKind(kind);

  const create = useMutation({
    mutationFn: (body: CreateSourceBody) => createSource(body),
    onSuccess: async (source) => {
      await queryClient.invalidateQueries({ queryKey: sourceKeys.all });
      announceDone({
        title: `Source “${source.name}” created`,
        description: "Next: create an API key for it.",
      });
      onDone();
      router.push(paths.source(source.id));
    },
  });
  const problem = create.error instanceof ApiProblem ? create.error : null;
  const nameTaken = problem?.code === "source/name-taken";

  async function submit(event: FormEvent) {
    event.preventDefault();
    const keys = await input.collect();
    if (keys === null) return;
    // What was typed for another kind and is no longer in sight is not sent.
    const { jwks, secrets } = keys;
    const shown = {
      ...(jwks && !words.secretOnly && { jwks }),
      ...(secrets && words.secretHint !== undefined && { secrets }),
    };
    create.mutate({ kind, name: name.trim(), ...shown });
  }

  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-3">
      <Field id="source-kind" label="Kind" hint={words.sends}>
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
      <KeyFields words={words} input={input} />
      {create.error && !nameTaken && <FormProblem error={create.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" variant="primary" pending={create.isPending} disabled={input.problem !== null}>
          Create source
        </Button>
      </div>
    </form>
  );
}
