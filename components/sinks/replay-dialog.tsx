"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { replaySink, sinkKeys } from "#lib/client/sinks";
import type { SinkView } from "#lib/contracts/sink";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { announceDone } from "../ui/toast.tsx";

type Props = { sink: SinkView; open: boolean; onOpenChange: (open: boolean) => void };

/** Sets a sink back, so that it is told again. */
export function ReplayDialog({ sink, open, onOpenChange }: Props) {
  return (
    <Dialog
      {...{ open, onOpenChange }}
      title={`Set ${sink.name} back`}
      description="What comes after the place is told again, under the ids that it had, as far as it is kept."
    >
      {open && <ReplayForm {...{ sink, open, onOpenChange }} />}
    </Dialog>
  );
}

function ReplayForm({ sink, onOpenChange }: Props) {
  const [after, setAfter] = useState(String(sink.cursor));
  const queryClient = useQueryClient();
  const replay = useMutation({
    mutationFn: () => replaySink(sink.id, Number(after)),
    onSuccess: async ({ cursor }) => {
      announceDone({ title: `${sink.name} is told again what comes after ${cursor}` });
      onOpenChange(false);
      await queryClient.invalidateQueries({ queryKey: sinkKeys.all });
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    replay.mutate();
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field
        id="sink-after"
        label="After the place"
        hint={`It stands at ${sink.cursor}. 0 = everything that is kept.`}
      >
        <Input
          id="sink-after"
          type="number"
          required
          min={0}
          max={sink.cursor}
          value={after}
          aria-describedby={fieldHintId("sink-after")}
          onChange={({ target }) => setAfter(target.value)}
        />
      </Field>
      {replay.error && <FormProblem error={replay.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={() => onOpenChange(false)}>Cancel</Button>
        <Button type="submit" variant="primary" pending={replay.isPending}>
          Set back
        </Button>
      </div>
    </form>
  );
}
