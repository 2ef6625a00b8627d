"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { prepareKeys, sourceKeys } from "#lib/client/sources";
import type { PrepareKeysBody } from "#lib/contracts/source";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { announceDone } from "../ui/toast.tsx";
import { FormProblem } from "./form-problem.tsx";
import { KeyFields } from "./key-fields.tsx";
import { sourceKind } from "./source-kinds.tsx";
import { useKeyInput } from "./use-key-input.ts";

type Props = { sourceId: string; kind: string; open: boolean; onOpenChange: (open: boolean) => void };

/** Registers the next key of a source: the first step of a rotation. */
export function PrepareKeyDialog({ open, onOpenChange, ...rest }: Props) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Prepare key"
      description="It is believed at once, next to the keys that are there."
    >
      <PrepareKeyForm {...rest} onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}

function PrepareKeyForm({
  sourceId,
  kind,
  onDone,
}: Pick<Props, "sourceId" | "kind"> & { onDone: () => void }) {
  const queryClient = useQueryClient();
  const input = useKeyInput();
  const prepare = useMutation({
    mutationFn: (body: PrepareKeysBody) => prepareKeys(sourceId, body),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: sourceKeys.all });
      announceDone({ title: "Key prepared", description: "Next: let the sender sign with it." });
      onDone();
    },
  });

  async function submit(event: FormEvent) {
    event.preventDefault();
    const body = await input.collect();
    if (body !== null) prepare.mutate(body);
  }

  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-3">
      <KeyFields words={{ ...sourceKind(kind), needsKeys: true }} input={input} />
      {prepare.error && <FormProblem error={prepare.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" variant="primary" pending={prepare.isPending} disabled={input.problem !== null}>
          Prepare key
        </Button>
      </div>
    </form>
  );
}
